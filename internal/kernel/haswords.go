// SPDX-License-Identifier: Apache-2.0

package kernel

import (
	"unsafe"

	"github.com/oomtrail/oomtrail/internal/scan"
)

// words are pieces of the words of which every line holds one that [classifyByAllWords] has a kind for.
var words = []string{
	"suppress",                                                 // … callbacks suppressed, printk: … messages suppressed.
	"page all", "vmalloc:", "vmalloc ", "SLUB: Un", "how Memo", // the forms of an allocation failure, sysrq: Show Memory
	// The starts and parts of the lines of user space.
	"oomd dry", "Failed t", "ory pres", "Swap use", "low memo", "sending ", "escalati", "Could no", "mem avai", "System O", "The node",
	"in mebib", "The vict", "lowmemor",
	"OOM kill", "OOM even", "oom-kill", "oomd kil", "oom even", "s=9/KILL", "o memory", "o reclai",
}

var wordSet = scan.NewKeys(words...)

// hasWords reports whether s holds one of the words.
func hasWords(s string) bool { return wordSet.Index(unsafe.Slice(unsafe.StringData(s), len(s))) >= 0 }
