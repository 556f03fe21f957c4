// SPDX-License-Identifier: Apache-2.0

package input

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/oomtrail/oomtrail/internal/kmsg"
)

func TestPlace(t *testing.T) {
	want := place{
		Version: 1,
		Cursor: kmsg.Cursor{
			BootID: "b", Sequence: 10, Read: 12,
			Times: []kmsg.Timebase{{From: 3, Began: 1795248000000000}, {From: 11, Began: 1795248001000000, Drift: -5}},
		},
		Lines: true, Delivered: []string{"k1", "k2"},
	}
	b, err := want.encode()
	require.NoError(t, err)
	assert.Equal(t, `{"oomtrail_cursor":1,"boot_id":"b","sequence":10,"read":12,"times":[{"from":3,"began":1795248000000000},{"from":11,"began":1795248001000000,"drift":-5}],"lines":true,"delivered":["k1","k2"]}`+"\n", string(b))
	got, err := decodePlace(b)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	for n := range len(b) - 2 { // the newline and the last brace
		_, err := decodePlace(b[:n])
		assert.Equal(t, errTorn, err, "%d bytes of it", n)
	}
}

// FuzzPlace: whatever a cursor file holds, it is taken for one only if an instance can have written
// it, and reading on from there does no harm.
func FuzzPlace(f *testing.F) {
	f.Add([]byte(`{"oomtrail_cursor":1,"boot_id":"boot-1","sequence":10,"read":12,"times":[{"from":3,"began":1795248000000000}]}`))
	f.Add([]byte(`{"oomtrail_cursor":1,"boot_id":"boot-1","sequence":18446744073709551615,"read":18446744073709551615}`))
	f.Add([]byte(`{"oomtrail_cursor":1,"boot_id":"boot-1","sequence":2,"read":2,"lines":true,"delivered":["a","a"]}`))
	f.Add([]byte("{\"oomtrail_cursor\":1,\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := decodePlace(b)
		if err != nil {
			return
		}
		again, err := p.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodePlace(again); err != nil {
			t.Fatalf("%s: %v", again, err)
		}
		r := newRig(t, 100)
		r.ring.Write(r.lines(3)...)
		r.boot = p.BootID
		options, _ := r.settings().options(environment)
		reader, err := newReader(r.settings(), options, r.host(), &p, r.note)
		if err != nil {
			t.Fatal(err)
		}
		reader.queue = newQueue(func() {}, func(place) {})
		for _, line := range append(r.report(7), r.lines(2)...) {
			if err := reader.kmsg.Take(t.Context(), []byte(line), true); err != nil {
				t.Fatal(err)
			}
			if p := reader.place(); !p.valid() {
				t.Fatalf("%+v", p)
			}
		}
	})
}
