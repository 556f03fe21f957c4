// SPDX-License-Identifier: Apache-2.0

package witness

import (
	"strings"
	"testing"
)

// TestPodmanStop: the line that a container does not stop has its name alone. The same process
// writes the container's end with its id, and what it says of another container, or another process
// says, is not joined.
func TestPodmanStop(t *testing.T) {
	const stop = `time="2026-05-02T10:00:01Z" level=warning msg="StopSignal SIGTERM failed to stop container cart in 2 seconds, resorting to SIGKILL"`
	id := strings.Repeat("4f2a9be0", 8)
	for _, c := range []struct {
		what string
		pid  int64
		name string
		want bool
	}{
		{"the same process and container", 769, "cart", true},
		{"another process", 770, "cart", false},
		{"another container", 769, "web", false},
	} {
		var r Readers
		r.Deaths = true
		got := 0
		read := func(l *Line) {
			r.Read(l, func(f *Fact) {
				if f.Kind == Sent && f.Keys.ContainerID == id {
					got++
				}
			})
		}
		read(&Line{Text: stop, Author: Author{Program: "podman", Comm: "podman", Transport: "stdout", PID: 769, HasPID: true}})
		died := map[string]string{"PODMAN_EVENT": "died", "PODMAN_TYPE": "container", "PODMAN_ID": id, "PODMAN_NAME": c.name, "PODMAN_EXIT_CODE": "137"}
		end := &Line{Text: "container died " + id + " (image=cart, name=" + c.name + ")", Author: Author{
			Program: "podman", Comm: "podman", Transport: "journal", PID: c.pid, HasPID: true,
			Field: func(name string) string { return died[name] },
		}}
		read(end)
		read(end)
		if want := map[bool]int{true: 1}[c.want]; got != want {
			t.Errorf("%s: %d facts that SIGKILL was sent to %s, want %d", c.what, got, id[:12], want)
		}
	}
}
