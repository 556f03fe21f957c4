// SPDX-License-Identifier: Apache-2.0

package verdict

import (
	"testing"
	"time"

	"github.com/oomtrail/oomtrail/internal/witness"
	"github.com/oomtrail/oomtrail/parser/report"
)

// TestSupervisorsOwnKill: a death that its writer caused is a supervisor's.
func TestSupervisorsOwnKill(t *testing.T) {
	for reason, want := range map[string]Cause{"": CauseUnknown, "worker_timeout": CauseSupervisor, "stop_timeout": CauseSupervisor} {
		h := NewHost(Unmatched)
		h.Fact(&witness.Fact{
			Kind: witness.Death, Writer: "gunicorn", Reason: reason, Text: "died",
			Keys: witness.Keys{VPID: 19, HasVPID: true}, At: report.Stamp{Wall: time.Unix(1777716001, 0)},
		}, 0)
		h.FlushAll()
		if events := h.Events(); len(events) != 1 || events[0].Cause != want {
			t.Errorf("%q: %+v, want one event of cause %v", reason, events, want)
		}
	}
}

// TestHold: what whole logs say is joined although they are read one after another, hours later by
// their own time.
func TestHold(t *testing.T) {
	at := func(second int64) report.Stamp { return report.Stamp{Wall: time.Unix(1777716001+second, 0)} }
	death := witness.Fact{Kind: witness.Death, Writer: "systemd", Text: "died", Keys: witness.Keys{Unit: "a.service", PID: 7996, HasPID: true}, At: at(0)}
	later := witness.Fact{Kind: witness.Death, Writer: "systemd", Text: "died later", Keys: witness.Keys{Unit: "b.service"}, At: at(7200)}
	sent := witness.Fact{Kind: witness.Sent, Writer: "audit", Text: "sent", Keys: witness.Keys{PID: 7996, HasPID: true}, At: at(0)}
	for _, holds := range []bool{false, true} {
		h := NewHost(Unmatched)
		if holds {
			h.Hold()
		}
		h.Fact(&death, 0)
		h.Fact(&later, 0)
		h.Fact(&sent, 1)
		h.FlushAll()
		causes := map[string]Cause{}
		for _, e := range h.Events() {
			causes[e.Fact.Keys.Unit] = e.Cause
		}
		want := CauseUnknown
		if holds {
			want = CauseSent
		}
		if len(causes) != 2 || causes["a.service"] != want {
			t.Errorf("holds %v: %v, want a.service %v", holds, causes, want)
		}
	}
}
