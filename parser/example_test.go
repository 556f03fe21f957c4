// SPDX-License-Identifier: Apache-2.0

package parser_test

import (
	"fmt"
	"os"
	"strings"

	"github.com/oomtrail/oomtrail/parser"
)

const killLine = `<3>[    4.286223] Memory cgroup out of memory: Killed process 147 (hog) total-vm:37540kB, anon-rss:32576kB, file-rss:632kB, shmem-rss:0kB, UID:0 pgtables:108kB oom_score_adj:0`

// A whole input: every record as it is completed.
func ExampleReadAll() {
	log, err := os.Open("../testdata/captures/6.12/c_memcg_v2/kmsg.raw")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()
	err = parser.ReadAll(log, parser.Options{}, func(r *parser.Record) error {
		fmt.Println(r.Body)
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// OOM kill: hog (147) in cgroup limited: 32.4 of 32 MiB
}

// A stream: feed a line, take what it completed; flush when no more comes.
func ExampleParser_Feed() {
	p, err := parser.New(parser.Options{Transport: parser.FormatDmesg})
	if err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines("<6>[    4.000000] usb 1-1: new device\n" + killLine + "\n") {
		result := p.Feed([]byte(strings.TrimSuffix(line, "\n")))
		fmt.Println(result.Kind, len(result.Records))
	}
	fmt.Println(len(p.Flush()))
	// Output:
	// other 0
	// kill 1
	// 0
}

// A host that reads blocks and keeps a checkpoint: reading goes on at the position behind what
// needs not be read again.
func ExampleParser_ReadBlock() {
	log := []byte("[    4.000000] usb 1-1: new device\n" +
		"[    4.280000] hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\n" +
		"[    4.28")
	p, err := parser.New(parser.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	read, err := p.ReadBlock(parser.Block{Text: log, Position: 1000}, func(l *parser.Line, r *parser.Result) error {
		fmt.Println(l.Position, r.Kind)
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	checkpoint, open := p.Pending()
	if !open {
		checkpoint = p.Next()
	}
	fmt.Println(read, "bytes were read, the checkpoint is", checkpoint)
	// Output:
	// 1000 other
	// 1035 invocation
	// 127 bytes were read, the checkpoint is 1035
}

// A caller that has decoded its log already hands over lines.
func ExampleParser_FeedLine() {
	p, _ := parser.New(parser.Options{HostName: "node1"})
	result := p.FeedLine(&parser.Line{
		Text:   []byte("Out of memory: Killed process 7 (java) total-vm:8kB, anon-rss:4kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:4kB oom_score_adj:0"),
		Format: parser.FormatKmsg, Origin: parser.OriginKernel, Level: 3, Uptime: 1_500_000, HasUptime: true, Position: 42,
	})
	r := result.Records[0]
	pid, _ := r.Get("process.pid")
	fmt.Println(r.Text("host.name"), r.Text("oom.trust"), pid.Int64(), r.Position)
	// Output:
	// node1 verified 7 42
}

// A batch that may be refused is tried on a clone.
func ExampleParser_Clone() {
	p, _ := parser.New(parser.Options{})
	p.Feed([]byte("<4>[    4.000000] hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0"))
	try := p.Clone()
	fmt.Println(len(try.Feed([]byte(killLine)).Records), try.Open(), p.Open())
	// The batch was refused: the same lines come again, to the state of before.
	fmt.Println(len(p.Feed([]byte(killLine)).Records))
	// Output:
	// 1 true true
	// 1
}
