// SPDX-License-Identifier: Apache-2.0

// Command demo is what `make run-collector` runs: it replays a captured kernel log through the
// collector, follows this machine's own, and prints the page of each kill.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	// idle is how long after the last record a run that nobody watches ends.
	idle = 3 * time.Second
	// settle is how long the demo stays after Ctrl-C. A make that has not seen Ctrl-C yet when its
	// last process ends complains.
	settle = 300 * time.Millisecond
)

// demo is what there is to run.
type demo struct {
	collector, oomtrail string
	capture, root       string
	configs, log        string
}

func main() {
	var d demo
	flag.StringVar(&d.collector, "collector", "build/otelcol-oom-demo/otelcol-oom-demo", "the collector to run")
	flag.StringVar(&d.oomtrail, "oomtrail", "build/oomtrail", "the command that prints pages")
	flag.StringVar(&d.capture, "capture", "testdata/captures/6.12/e_k8s_systemd/kmsg.raw", "the captured kernel log to replay")
	flag.StringVar(&d.root, "root", "testdata/node/root", "the root directory of the machine that the capture is of")
	flag.StringVar(&d.configs, "configs", "otelreceiver/demo", "where replay.yaml and live.yaml are")
	flag.StringVar(&d.log, "log", "build/run/collector.log", "where the collector's own log goes")
	flag.Parse()
	if err := d.run(); err != nil {
		fmt.Fprintln(os.Stderr, "make run-collector:", err)
		os.Exit(1)
	}
}

func (d *demo) run() error {
	for _, file := range []string{d.capture, d.oomtrail} {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("cannot read what the demo needs: %w", err)
		}
	}
	watched := isTerminal(os.Stdout)
	configs := []string{"--config", filepath.Join(d.configs, "replay.yaml")}
	live := "this machine's kernel log cannot be read (/dev/kmsg needs root: sudo make run-collector)"
	if f, err := os.Open("/dev/kmsg"); err == nil {
		_ = f.Close() // only to see that it can be opened
		configs = append(configs, "--config", filepath.Join(d.configs, "live.yaml"))
		live = "it follows this machine's kernel log, /dev/kmsg"
	}
	fmt.Printf("The collector replays %s, and %s.\nWhat it sends on are records; this is what they say. The collector's own log: %s\n\n", d.capture, live, d.log)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	records, wait, err := d.start(ctx, configs)
	if err != nil {
		return err
	}
	p := printer{oomtrail: d.oomtrail, root: d.root, color: "never"}
	if watched {
		p.color = "auto"
		if os.Getenv("NO_COLOR") == "" {
			p.color = "always" // the command writes to a pipe, the demo to a terminal
		}
	}
	count := p.follow(ctx, records, watched, stop)
	if err := wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the collector ended: %w; its log is %s", err, d.log)
	}
	if count == 0 {
		return fmt.Errorf("no record came out of the replay; the collector's log is %s", d.log)
	}
	fmt.Printf("Records: %d. The configuration: %s\n", count, d.configs)
	if watched {
		time.Sleep(settle)
	}
	return nil
}

// start runs the collector and returns the lines that it writes. wait returns when it has ended.
func (d *demo) start(ctx context.Context, args []string) (lines <-chan []byte, wait func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(d.log), 0o755); err != nil {
		return nil, nil, err
	}
	log, err := os.Create(d.log)
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, d.collector, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), "OOMTRAIL_CAPTURE="+d.capture)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, nil, errors.Join(err, log.Close())
	}
	ch := make(chan []byte)
	go func() {
		defer close(ch)
		readLines(out, ch)
	}()
	return ch, func() error { return errors.Join(cmd.Wait(), log.Close()) }, nil
}

// readLines sends each line of r.
func readLines(r io.Reader, ch chan<- []byte) {
	br := bufio.NewReader(r)
	for {
		line, err := br.ReadBytes('\n')
		if len(line) > 0 {
			ch <- line
		}
		if err != nil {
			return
		}
	}
}

// follow prints records as they come and returns how many there were. When nobody watches it calls
// stop once no more of them come.
func (p *printer) follow(ctx context.Context, lines <-chan []byte, watched bool, stop func()) int {
	count := 0
	timer := time.NewTimer(10 * time.Second) // the collector has to start first
	defer timer.Stop()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return count
			}
			n, err := p.print(ctx, line)
			if err != nil {
				fmt.Fprintln(os.Stderr, "make run-collector: a line of the collector's output cannot be shown:", err)
			}
			if count == 0 && n > 0 && watched {
				fmt.Println("Waiting for a kill of this machine; Ctrl-C ends it. For one, in another terminal:  sudo make oom")
				fmt.Println()
			}
			count += n
			timer.Reset(idle)
		case <-timer.C:
			if !watched || count == 0 {
				stop()
			}
		}
	}
}

// isTerminal reports whether a person may be looking at f.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
