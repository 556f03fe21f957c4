// SPDX-License-Identifier: Apache-2.0

package kmsg_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/format"
	"github.com/oomtrail/oomtrail/internal/kmsg"
	"github.com/oomtrail/oomtrail/internal/kmsg/kmsgtest"
)

// handler notes what it hears, and ends the reading when all was read, or after a number of lines.
type handler struct {
	sequences []int64
	pending   int64 // -1 for none
	most      int   // 0 for no end
	lost      uint64
	anew      []string
}

var errEnough = errors.New("enough")

func (h *handler) Line(_ context.Context, l *format.Line, next int64) error {
	if next != l.Position+1 || string(l.BootID) != "boot-1" {
		return fmt.Errorf("position %d, next %d, boot %s", l.Position, next, l.BootID)
	}
	h.sequences = append(h.sequences, l.Position)
	if len(h.sequences) == h.most {
		return errEnough
	}
	return nil
}

func (h *handler) Tick(_ context.Context, idle bool) error {
	if idle {
		return errEnough
	}
	return nil
}
func (h *handler) Pending() (int64, bool)   { return h.pending, h.pending >= 0 }
func (h *handler) Trouble(error)            {}
func (h *handler) Lost(n uint64)            { h.lost += n }
func (h *handler) Anew(why string, _ int64) { h.anew = append(h.anew, why) }

// read reads all that is there.
func read(t *testing.T, o kmsg.Options, h *handler) *kmsg.Log {
	t.Helper()
	log, err := kmsg.Open(o, h)
	require.NoError(t, err)
	t.Cleanup(log.Close)
	require.Equal(t, errEnough, log.Run(t.Context()))
	return log
}

// TestCursor: what the cursor says is done with is not read again, and the rest is: after a restart
// in the middle, with a line pending, after a boot, and where the ring has lost lines or is another
// one.
func TestCursor(t *testing.T) {
	var k kmsgtest.Printk
	ring := kmsgtest.NewRing(10)
	for range 8 {
		ring.Write(k.Print("6;usb 1-1: new device"))
	}
	o := kmsg.Options{Host: ring.Host("boot-1"), Beginning: true}
	first := &handler{pending: -1, most: 5}
	log := read(t, o, first)
	assert.Equal(t, []int64{0, 1, 2, 3, 4}, first.sequences)
	cursor, ok := log.Cursor()
	require.True(t, ok)
	assert.Equal(t, kmsg.Cursor{BootID: "boot-1", Sequence: 5}, cursor)
	first.pending = 3
	pending, _ := log.Cursor()
	assert.Equal(t, kmsg.Cursor{BootID: "boot-1", Sequence: 3}, pending)

	for name, c := range map[string]struct {
		cursor kmsg.Cursor
		more   int
		want   []int64
		lost   uint64
		anew   int
	}{
		"the rest":           {cursor: cursor, want: []int64{5, 6, 7}},
		"with what pended":   {cursor: pending, want: []int64{3, 4, 5, 6, 7}},
		"another boot":       {cursor: kmsg.Cursor{BootID: "boot-0", Sequence: 7}, want: []int64{0, 1, 2, 3, 4, 5, 6, 7}},
		"dashes in the id":   {cursor: kmsg.Cursor{BootID: "boot1", Sequence: 7}, want: []int64{7}},
		"a ring of the past": {cursor: kmsg.Cursor{BootID: "boot-1", Sequence: 100}, want: []int64{0, 1, 2, 3, 4, 5, 6, 7}, anew: 1},
		"nothing new":        {cursor: kmsg.Cursor{BootID: "boot-1", Sequence: 8}},
	} {
		h := &handler{pending: -1}
		o.Cursor = &c.cursor
		read(t, o, h)
		assert.Equal(t, c.want, h.sequences, name)
		assert.Equal(t, c.lost, h.lost, name)
		assert.Len(t, h.anew, c.anew, name)
	}

	for range 9 {
		ring.Write(k.Print("6;usb 1-1: new device"))
	}
	h := &handler{pending: -1}
	o.Cursor = &cursor
	read(t, o, h)
	assert.Equal(t, []int64{7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, h.sequences)
	assert.EqualValues(t, 2, h.lost, "the ring has no room for lines 5 and 6")
}

// TestEnd: without a cursor and not from the beginning only what comes is read, and the cursor says
// so from the start on.
func TestEnd(t *testing.T) {
	var k kmsgtest.Printk
	ring := kmsgtest.NewRing(10)
	ring.Write(k.Print("6;before"), k.Print("6;before"))
	h := &handler{pending: -1}
	log, err := kmsg.Open(kmsg.Options{Host: ring.Host("boot-1")}, h)
	require.NoError(t, err)
	cursor, ok := log.Cursor()
	require.True(t, ok)
	assert.EqualValues(t, 2, cursor.Sequence)
	ring.Write(k.Print("6;after"))
	require.Equal(t, errEnough, log.Run(t.Context()))
	assert.Equal(t, []int64{2}, h.sequences)
}

// TestRemedies: an error of opening the device ends with what the frontend can do instead.
func TestRemedies(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{os.ErrPermission, "permission denied, or read the journal with --source journal"},
		{os.ErrNotExist, "file does not exist, or read the journal with --source journal"},
		{errEnough, "enough"},
	} {
		host := kmsg.Host{BootID: func() string { return "" }, Open: func(string) (kmsg.Device, error) { return nil, c.err }}
		_, err := kmsg.Open(kmsg.Options{Host: host, UseJournal: "--source journal"}, nil)
		assert.EqualError(t, err, c.want)
	}
}
