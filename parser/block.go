package parser

import "bytes"

// contextLines is how many lines before one that may matter are read, for what they say about it: a gap in the
// kernel's numbering, the habits of the carrier.
const contextLines = 8

// FeedBlock feeds the whole lines of a block, which is a good deal faster than to feed them one by one: with no report open it goes
// straight to the next line that may matter. It calls fn with the records as they are completed, and returns how many bytes it
// used: all to the last newline, or to where fn failed. block may be changed, and is not kept.
func (p *Parser) FeedBlock(block []byte, fn func([]*Record) error) (used int, err error) {
	block = block[:bytes.LastIndexByte(block, '\n')+1]
	for until := 0; used < len(block); {
		if used >= until && p.asm.CanSkip() && p.decoder.CanPass() {
			var skipped int
			skipped, until = p.pass(block[used:])
			until += used
			used += skipped
		}
		end := used + bytes.IndexByte(block[used:], '\n')
		records := p.Feed(block[used:end]).Records
		used = end + 1
		if len(records) == 0 {
			continue
		}
		if err = fn(records); err != nil {
			break
		}
	}
	return used, err
}

// pass leaves out lines before the next one that may matter. It returns where the next line to feed begins and where the one
// ends that may matter, or where all end; a few lines are always left to be fed.
func (p *Parser) pass(block []byte) (skipped, until int) {
	start := len(block)
	until = start
	if at := keySet.Index(block); at >= 0 {
		start = bytes.LastIndexByte(block[:at], '\n') + 1
		until = at + bytes.IndexByte(block[at:], '\n') + 1
	}
	for range contextLines {
		if start > 0 {
			start = bytes.LastIndexByte(block[:start-1], '\n') + 1
		}
	}
	if start == 0 {
		return 0, until
	}
	skipped, sequence := p.decoder.Pass(block[:start], p.asm.Sequence())
	p.asm.SkipTo(sequence)
	if skipped < start {
		until = skipped + 1 // look again behind the line that it stopped at
	}
	return skipped, until
}
