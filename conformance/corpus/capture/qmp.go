// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// qmp is a connection to an emulator's monitor.
type qmp struct {
	conn net.Conn
	dec  *json.Decoder
	dir  string
}

// dialQMP connects to a socket; files that the emulator writes go to dir.
func dialQMP(socket, dir string) (*qmp, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, err
	}
	q := &qmp{conn: conn, dec: json.NewDecoder(conn), dir: dir}
	var greeting map[string]any
	if err := q.dec.Decode(&greeting); err != nil {
		return nil, err
	}
	return q, q.execute("qmp_capabilities", nil)
}

func (q *qmp) close() { _ = q.conn.Close() }

func (q *qmp) execute(command string, arguments map[string]any) error {
	message := map[string]any{"execute": command}
	if arguments != nil {
		message["arguments"] = arguments
	}
	if err := json.NewEncoder(q.conn).Encode(message); err != nil {
		return err
	}
	for {
		var answer struct {
			Return json.RawMessage
			Error  *struct{ Desc string }
		}
		if err := q.dec.Decode(&answer); err != nil {
			return fmt.Errorf("%s: %w", command, err)
		}
		switch {
		case answer.Error != nil:
			return fmt.Errorf("%s: %s", command, answer.Error.Desc)
		case answer.Return != nil:
			return nil
		}
		// An event: the answer comes later.
	}
}

// memory returns n bytes at a virtual address of the guest, as its first CPU sees it.
func (q *qmp) memory(address uint64, n int) ([]byte, error) {
	file := filepath.Join(q.dir, "memory")
	// Addresses of the kernel's half are negative numbers to the monitor.
	if err := q.execute("memsave", map[string]any{"val": int64(address), "size": n, "filename": file}); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err == nil && len(data) != n {
		err = fmt.Errorf("memsave: %d bytes of %d", len(data), n)
	}
	return data, err
}
