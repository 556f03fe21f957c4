// SPDX-License-Identifier: Apache-2.0

package oomkillreceiver

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a storage extension gives back may be of another version, or damaged: it is told and left
// aside.
func FuzzCheckpoint(f *testing.F) {
	f.Add([]byte(`{"boot_id":"boot-1","sequence":5}`))
	f.Add([]byte(`{"cursor":"s=1"}`))
	f.Add([]byte(`{"files":[{"path":"kern.log","id":{"length":3,"hash":"x"},"offset":9}],"done":[{"id":{"length":-1},"size":-5}]}`))
	f.Add([]byte(`{"files":[{"path":"kern.log","id":{"length":-3},"offset":-9}]}`))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, saved []byte) {
		r := newRing(10)
		r.write(new(printk).report(100)...)
		j := &fakeJournal{}
		defer j.kill()
		w := &logWriter{t: t, path: filepath.Join(t.TempDir(), "kern.log")}
		w.append(new(printk).report(100)...)
		for _, cfg := range []*Config{quick(nil), journaldConfig(false), fileConfig(false, w.path)} {
			var src source
			switch cfg.Source {
			case sourceKmsg:
				src = ringSource(r, "boot-1")(cfg)
			case sourceJournald:
				src = j.source(cfg)
			default:
				src = newSource(cfg)
			}
			require.NoError(t, src.open(testIntake(t, src), saved))
			src.checkpoint()
			src.close()
		}
	})
}
