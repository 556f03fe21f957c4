package parser

import "encoding/binary"

// keyLen is the length of a key: eight bytes can be compared at once.
const keyLen = 8

// keys are pieces of words of which every line that can begin a report, make a record, or change how the lines after it are
// read holds one. Of each word the piece is taken that other lines have least.
var keys = [...]string{
	"oom-kill", // invoked oom-killer, oom-kill:constraint=
	"oom kill", // oom killer … has mm pinned by …
	"oom_kill", // oom_kill_process: … callbacks suppressed
	"oom_reap", // oom_reaper: …
	"oom.grou", // … are going to be killed due to memory.oom.group set
	"Killed p", // Killed process …
	"ill proc", // Kill process … or sacrifice child
	"illed as", // Task in … killed as a result of limit of …
	"Task in ", // the first half of that line, which 3.16 broke in two
	"ory limi", // Memory limit reached of cgroup …
	"ry cgrou", // Memory cgroup stats, Memory cgroup out of memory
	": usage ", // memory: usage …, limit …, failcnt …
	"f memory", // Out of memory …
	"f Memory", // Out of Memory … (2.6)
	"able mem", // No available memory (MPOL_BIND)
	"ked on m", // System is deadlocked on memory
	"total_vm", // the head of a task table
	"asks sta", // Tasks state (memory values in pages):
	"nual OOM", // sysrq: Manual OOM execution
	"OOM requ", // OOM request ignored …
	"OOM vict", // OOM victim … is already exiting
	"age allo", // page allocation failure: no OOM, but it prints the same tables
	"vmalloc:", // vmalloc: allocation failure …
	"vmalloc ", // vmalloc error: size …
	"how Memo", // sysrq: Show Memory
	"ory on n", // SLUB: Unable to allocate memory on node …
	"ges drop", // ** 12 printk messages dropped **
	"nel mess", // Missed 12 kernel messages
	"ges lost", // imjournal: 12 messages lost due to rate-limiting
	`SSAGE":[`, // a MESSAGE that journalctl prints as an array of bytes
	`AGE" : [`, // the same, pretty-printed
}

// A key is found by any four of its bytes that stand together. Of the starts of such fours a key has [stride], so
// that one look at every stride-th place of a text meets each key.
const (
	window = 4
	stride = keyLen - window + 1
)

// place is one window of one key.
type place struct {
	key  uint64
	at   int   // where in the key the window stands
	next uint8 // the next place with the same hash, 0 for none
}

// places holds the windows of all keys, from 1 on; first tells by the hash of a window where to begin.
var places, first = index()

const hashBits = 13

func hash(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 0x9E3779B1 >> (32 - hashBits) }

func index() (places []place, first *[1 << hashBits]uint8) {
	places, first = make([]place, 1, 1+len(keys)*stride), new([1 << hashBits]uint8)
	for _, key := range keys {
		b := []byte(key)
		for at := range stride {
			h := hash(b[at:])
			places = append(places, place{key: binary.LittleEndian.Uint64(b), at: at, next: first[h]})
			first[h] = uint8(len(places) - 1)
		}
	}
	return places, first
}

// MayMatter reports whether a line, or any run of bytes that may hold lines, could begin a report or hold a
// kill. It allocates nothing. With no report open, what it denies need not be fed.
func MayMatter(b []byte) bool { return indexKey(b) >= 0 }

// indexKey returns where the first line that holds a key has one, or -1.
func indexKey(b []byte) int {
	const step = 4 * stride
	i := stride - 1
	for ; i+step <= len(b); i += step {
		p := b[i : i+step : i+step]
		if n0, n1, n2, n3 := first[hash(p)], first[hash(p[stride:])], first[hash(p[2*stride:])], first[hash(p[3*stride:])]; n0|n1|n2|n3 != 0 {
			for k, n := range [...]uint8{n0, n1, n2, n3} {
				if at := keyAround(b, i+k*stride, n); at >= 0 {
					return at
				}
			}
		}
	}
	for ; i+window <= len(b); i += stride {
		if at := keyAround(b, i, first[hash(b[i:])]); at >= 0 {
			return at
		}
	}
	return -1
}

// keyAround returns where the key stands that has one of the windows from n on at position i, or -1.
func keyAround(b []byte, i int, n uint8) int {
	for ; n != 0; n = places[n].next {
		p := &places[n]
		if start := i - p.at; start+keyLen <= len(b) && binary.LittleEndian.Uint64(b[start:]) == p.key {
			return start
		}
	}
	return -1
}
