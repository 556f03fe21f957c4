// SPDX-License-Identifier: Apache-2.0

package follow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/oomtrail/oomtrail/internal/journalctl"
	"github.com/oomtrail/oomtrail/internal/kmsg"
)

// stateMark begins every state, so that no other file is taken for one, and overwritten.
const stateMark = `{"oomtrail_state":1,`

// state is what the state file keeps.
type state struct {
	Version int `json:"oomtrail_state"`
	// Source is the log that was read; Kmsg or Journal is its cursor.
	Source  string             `json:"source"`
	Kmsg    *kmsg.Cursor       `json:"kmsg,omitempty"`
	Journal *journalctl.Cursor `json:"journal,omitempty"`
	// Printed are the keys of the records that reading on from the cursor makes again.
	Printed []string `json:"printed,omitempty"`
	// Running is set until the process ends by itself.
	Running bool `json:"running,omitempty"`
}

// decode reads a state, nil for none. One that was torn is one without a cursor.
func (f *follower) decode(b []byte) (*state, error) {
	if b == nil {
		return nil, nil
	}
	rest := bytes.Trim(b, "\x00\n ") // a disk that lost its power may give zeros
	whole := bytes.HasPrefix(rest, []byte(stateMark))
	if !whole && !bytes.HasPrefix([]byte(stateMark), rest) {
		return nil, errors.New("it is no state of oomtrail follow: name another file")
	}
	s := &state{}
	if err := json.Unmarshal(rest, s); err != nil || !whole {
		f.options.Note(fmt.Sprintf("--state: %q is torn: all of the log is read, and what was printed before comes again with the same log.record.uid", f.options.State))
		return &state{Running: true}, nil
	}
	return s, nil
}

// ofSource returns the state where it is of a source, nil for none. One of another source is one
// without a cursor, and note says so.
func (f *follower) ofSource(s *state, source string) (of *state, note string) {
	if s == nil || s.Source == source || s.Source == "" {
		return s, ""
	}
	return &state{Running: s.Running}, fmt.Sprintf("--state: %q is of --source %s: all of the log is read", f.options.State, s.Source)
}

// state returns the state as it is now.
func (f *follower) state() *state {
	s := &state{Version: 1, Source: f.source, Printed: f.stream.Delivered(), Running: true}
	f.cursor(s)
	return s
}

// keep saves the state.
func (f *follower) keep() {
	if f.file != nil {
		f.keepState(f.state())
	}
}

// keepState saves a state. A failure costs a repetition after a restart, no kill: it is said once.
func (f *follower) keepState(s *state) {
	err := f.saveState(s)
	if err != nil && !f.unsaved {
		f.options.Note(fmt.Sprintf("--state: %q: %v: after a restart records come again, with the same log.record.uid", f.options.State, err))
	}
	f.unsaved = err != nil
}

// closeState lets another process go on with the state.
func (f *follower) closeState() {
	if f.file != nil {
		f.file.Close()
	}
}

// save saves the state as it is at the start.
func (f *follower) save() error {
	if f.file == nil {
		return nil
	}
	return f.saveState(f.state())
}

func (f *follower) saveState(s *state) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f.saved = time.Now()
	return f.file.Save(append(b, '\n'))
}
