package assembly

import (
	"strings"
	"testing"

	"github.com/oomtrail/oomtrail/parser/grammar"
	"github.com/oomtrail/oomtrail/parser/transport"
)

// paste hands lines to an assembler as somebody pasted them: without a stamp.
func paste(a *Assembler, lines ...string) (kinds []string) {
	for _, text := range lines {
		out := a.Line(&transport.Line{Text: []byte(text), Format: transport.None, Level: -1, Facility: -1})
		kinds = append(kinds, out.Kind.String())
	}
	return kinds
}

// TestInvocationInThreePieces: mail wraps a long one behind the colon and behind a comma.
func TestInvocationInThreePieces(t *testing.T) {
	a := New(Options{})
	kinds := strings.Join(paste(a, "a.service invoked oom-killer:", "gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, ", "oom_score_adj=-7", cpu), " ")
	if want := "invocation fragment fragment cpu"; kinds != want {
		t.Errorf("kinds %s, want %s", kinds, want)
	}
	a.Flush()
	if len(a.Events()) != 1 {
		t.Fatal("no report")
	}
	v := a.Events()[0].Report.Invocation
	if v.GFP.Names != "GFP_HIGHUSER_MOVABLE|__GFP_COMP" || v.Order != grammar.Some(0) || v.OOMScoreAdj != grammar.Some(-7) || !v.Complete {
		t.Errorf("read %+v", v)
	}
}

// TestKillToldTwiceInPieces: a kill line that mail wrapped behind its pid is known as one that was told before when its rest comes.
func TestKillToldTwiceInPieces(t *testing.T) {
	a := New(Options{})
	kills := 0
	piece := []string{"Memory cgroup out of memory: Killed process 14", "(c) total-vm:7180kB, anon-rss:0kB, file-rss:1800kB, shmem-rss:0kB, UID:7 pgtables:60kB oom_score_adj:0"}
	log := []string{invoked, cpu, strings.Replace(kill, "Out of memory", "Memory cgroup out of memory", 1), "Tasks in /g are going to be killed due to memory.oom.group set", piece[0], piece[1],
		"Memory cgroup out of memory: Killed process 15 (d) total-vm:7180kB, anon-rss:0kB, file-rss:1800kB, shmem-rss:0kB, UID:7 pgtables:60kB oom_score_adj:0", piece[0], piece[1], ""}
	for _, line := range log {
		paste(a, line)
		kills += len(a.Events())
	}
	a.Flush()
	if kills += len(a.Events()); kills != 3 {
		t.Errorf("%d kills, want 3", kills)
	}
}
