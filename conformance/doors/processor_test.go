package doors

import (
	"testing"

	"github.com/oomtrail/oomtrail/parser"
)

func TestProcessor(t *testing.T) {
	list := withSyslog(load(t))
	throughPipeline(t, []component{fileLog(copies(t, list, Syslog))}, []component{processor("oom_kill", "only")}, expected(t, list, Syslog, parser.Options{}))
}

// TestTwoProcessorsInARow: what one door has made passes the next one untouched, and counts once.
func TestTwoProcessorsInARow(t *testing.T) {
	list := withSyslog(load(t))
	throughPipeline(t, []component{fileLog(copies(t, list, Syslog))},
		[]component{processor("oom_kill/first", "append"), processor("oom_kill/second", "append")}, expected(t, list, Syslog, parser.Options{}))
}
