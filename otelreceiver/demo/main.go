// SPDX-License-Identifier: Apache-2.0

// Command demo is what `make run` runs: it replays a captured kernel log through
// the collector, follows this machine's own, and prints each kill for a person.
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

// idle is how long after the last record a run that nobody watches ends.
const idle = 3 * time.Second

func main() {
	collector := flag.String("collector", "build/otelcol-oom-slim/otelcol-oom-slim", "the collector to run")
	capture := flag.String("capture", "testdata/captures/6.12/e_k8s_systemd/kmsg.raw", "the captured kernel log to replay")
	dir := flag.String("configs", "otelreceiver/demo", "where replay.yaml and live.yaml are")
	logs := flag.String("log", "build/run/collector.log", "where the collector's own log goes")
	flag.Parse()
	if err := run(*collector, *capture, *dir, *logs); err != nil {
		fmt.Fprintln(os.Stderr, "make run:", err)
		os.Exit(1)
	}
}

func run(collector, capture, dir, logs string) error {
	if _, err := os.Stat(capture); err != nil {
		return fmt.Errorf("cannot read the capture: %w", err)
	}
	watched := isTerminal(os.Stdout)
	configs := []string{"--config", filepath.Join(dir, "replay.yaml")}
	live := "this machine's kernel log cannot be read (/dev/kmsg needs root: sudo make run)"
	if f, err := os.Open("/dev/kmsg"); err == nil {
		_ = f.Close() // only to see that it can be opened
		configs = append(configs, "--config", filepath.Join(dir, "live.yaml"))
		live = "following this machine's kernel log, /dev/kmsg"
	}
	fmt.Printf("Replaying %s through the collector, and %s.\nThe collector's own log: %s\n\n", capture, live, logs)

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	records, wait, err := start(ctx, collector, configs, capture, logs)
	if err != nil {
		return err
	}
	count := follow(records, watched, stop)
	if err := wait(); err != nil && ctx.Err() == nil {
		return fmt.Errorf("the collector ended: %w; its log is %s", err, logs)
	}
	if count == 0 {
		return fmt.Errorf("no record came out of the replay; the collector's log is %s", logs)
	}
	fmt.Printf("Records: %d. To see a kill of this machine's own kernel: make run on one terminal, and on another:  sudo make oom\n", count)
	return nil
}

// start runs the collector and returns the lines that it writes. wait returns when it has ended.
func start(ctx context.Context, collector string, args []string, capture, logs string) (lines <-chan []byte, wait func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(logs), 0o755); err != nil {
		return nil, nil, err
	}
	log, err := os.Create(logs)
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, collector, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), "OOMTRAIL_CAPTURE="+capture)
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
func follow(lines <-chan []byte, watched bool, stop func()) int {
	count := 0
	timer := time.NewTimer(10 * time.Second) // the collector has to start first
	defer timer.Stop()
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return count
			}
			n, err := printRecords(os.Stdout, line)
			if err != nil {
				fmt.Fprintln(os.Stderr, "make run: a line of the collector's output is not OTLP JSON:", err)
			}
			if count == 0 && n > 0 && watched {
				fmt.Println("Ctrl-C ends it. To see a kill of this machine's own kernel, in another terminal:  sudo make oom")
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
