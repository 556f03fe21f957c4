package grammar

// Column is one column of the task table.
type Column uint8

// The columns of the task table, under the kernel's own names (T1 to T7, section 5).
const (
	ColUID Column = iota
	ColTGID
	ColTotalVM       // pages
	ColRSS           // pages
	ColRSSAnon       // pages (6.8+)
	ColRSSFile       // pages (6.8+)
	ColRSSShmem      // pages (6.8+)
	ColCPU           // to 3.5
	ColNrPtes        // page-table pages (3.6 to 4.14)
	ColNrPmds        // page-table pages (4.0 to 4.14)
	ColPgtablesBytes // bytes (4.15+)
	ColSwapents      // pages (3.6+)
	ColOOMAdj        // to 3.5
	ColOOMScoreAdj   // 2.6.36+
	ColUnknown       // a column that no kernel we know prints; its value is dropped
	NumColumns
)

// TaskTable is the layout that a table's own head line tells: which number stands where.
type TaskTable struct {
	// Columns lists the columns between "[pid]" and the name, in order. Len says how many.
	Columns [24]Column
	Len     int
}

// Has reports whether the table has a column.
func (t *TaskTable) Has(c Column) bool {
	for _, have := range t.Columns[:t.Len] {
		if have == c {
			return true
		}
	}
	return false
}

// Task is one row of the table: a process that the killer may choose from.
type Task struct {
	// PID is the thread whose memory map was found; it differs from the tgid when the leader has exited.
	PID int64
	// Values holds the columns, by [Column]; a column that the table lacks is 0: ask [TaskTable.Has].
	// UID is as printed, negative for uids from 2^31 on.
	Values [NumColumns]int64
	// Name is the task's comm: all of the line after one blank, up to 15 bytes, maybe empty.
	Name string
}

// IsTaskBanner reports whether s is "Tasks state (memory values in pages):" (4.19+).
func IsTaskBanner(s string) bool { return s == "Tasks state (memory values in pages):" }

// ParseTaskHead reads the head line of the table: "[  pid  ]   uid  tgid total_vm …name".
func ParseTaskHead(s string) (v TaskTable, ok bool) { return }

// ParseTask reads one row by the layout of its table. ok is false when s does not hold all
// numbers; a row cut inside its name cannot be told from a shorter name.
func ParseTask(s string, table *TaskTable) (v Task, ok bool) { return }
