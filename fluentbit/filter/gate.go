package filter

// Gate stands before a filter and hands chunks back without asking it: those that [parser.MayMatter] denies, under a tag that
// is quiet.
type Gate interface {
	// Passed returns how many chunks and bytes were handed back since the last call.
	Passed() (chunks, bytes uint64)
	// Set says whether a tag is quiet. It is called by one goroutine at a time.
	Set(tag []byte, quiet bool)
}

// Behind puts a gate before the filter, before the first chunk comes.
//
// A tag is quiet when the filter has seen a chunk of it, since a stream that begins later has lines before it, and no
// stream under it holds an open report, which only a chunk of the same tag opens. In mode only no tag is quiet: what is
// untouched has to be dropped. A gate that lets a chunk through while another thread's chunk of the same tag opens a
// report has done what it does when that chunk comes first: which one does is the host's to say.
func (f *Filter) Behind(g Gate) { f.gate = g }

// countPassed counts what the gate handed back as if it had come to the filter.
func (f *Filter) countPassed() {
	if f.gate == nil {
		return
	}
	chunks, bytes := f.gate.Passed()
	f.count.chunks += chunks
	f.count.bytes += bytes
	f.count.untouched += chunks
	f.denied += chunks
}

// setGate tells the gate what became of a tag.
func (f *Filter) setGate(tag []byte) {
	if f.gate != nil && f.settings.Mode != Only {
		f.gate.Set(tag, !f.openUnder(tag))
	}
}
