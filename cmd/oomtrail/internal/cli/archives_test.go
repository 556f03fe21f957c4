// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// packers compress in each way that is read without a program; bzip2, which Go only reads, and lz4
// by their programs.
var packers = map[string]func(io.Writer) (io.WriteCloser, error){
	"gzip": func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil },
	"xz":   func(w io.Writer) (io.WriteCloser, error) { return xz.WriterConfig{DictCap: 1 << 20}.NewWriter(w) },
	"zstd": func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
	},
	"bzip2": program("bzip2", "-c"),
	"lz4":   program("lz4", "-c"),
}

func program(name string, args ...string) func(io.Writer) (io.WriteCloser, error) {
	return func(w io.Writer) (io.WriteCloser, error) {
		cmd := exec.Command(name, args...)
		cmd.Stdout = w
		stdin, err := cmd.StdinPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return nil, err
		}
		return &packing{stdin, cmd}, nil
	}
}

type packing struct {
	io.WriteCloser
	cmd *exec.Cmd
}

func (p *packing) Close() error {
	if err := p.WriteCloser.Close(); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// everyPacker runs a test with what each of them makes of a log.
func everyPacker(t *testing.T, log func() io.Reader, test func(t *testing.T, packed []byte)) {
	for name, pack := range packers {
		t.Run(name, func(t *testing.T) {
			var packed bytes.Buffer
			w, err := pack(&packed)
			if errors.Is(err, exec.ErrNotFound) {
				t.Skipf("NOT RUN: there is no %s here", name)
			}
			if err == nil {
				_, err = io.Copy(w, log())
			}
			if err == nil {
				err = w.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			test(t, packed.Bytes())
		})
	}
}

// longLog is a log of some hundred kilobytes when it is packed, with a kill of pid 1 at its
// beginning and one of pid 2 at its end.
func longLog() io.Reader {
	random := rand.New(rand.NewPCG(1, 2))
	var log bytes.Buffer
	kill := func(pid int) {
		fmt.Fprintf(&log, "[%5d.000002] Out of memory: Killed process %d (hog) %s", 100*pid, pid, hog)
	}
	kill(1)
	for i := range 60_000 {
		fmt.Fprintf(&log, "[  150.%06d] eth0: seen %x\n", i, random.Uint64())
	}
	kill(2)
	return &log
}

// pids returns the killed processes of what parse printed.
func pids(t *testing.T, records string) string {
	t.Helper()
	var all []string
	for line := range strings.Lines(records) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(r["process.pid"]))
	}
	return strings.Join(all, " ")
}

// TestDamagedArchives: what stands before the damage comes out, then one error says what is wrong;
// other files are read.
func TestDamagedArchives(t *testing.T) {
	everyPacker(t, longLog, func(t *testing.T, packed []byte) {
		at := len(packed) * 7 / 10
		scratched := bytes.Clone(packed)
		for i := range 2000 {
			scratched[at+i] ^= 0x5a
		}
		other := written(t, "other", []byte("[  900.000002] Out of memory: Killed process 9 (hog) "+hog))
		for _, c := range []struct {
			name    string
			content []byte
			pids    string
			says    string
		}{
			{"whole", packed, "9 1 2", ""}, // what is incomplete waits for the other file
			{"twice", append(bytes.Clone(packed), packed...), "9 1 2", ""},
			{"cut", packed[:at], "9 1", "cut off"},
			{"scratched", scratched, "9 1", "damaged"},
		} {
			lz4 := strings.HasSuffix(t.Name(), "lz4") // its program has words of its own, and gives whole blocks of 4 MiB
			file := written(t, c.name, c.content)
			code, out, errOut := call(t, "", "parse", file, other)
			if got := pids(t, out); got != c.pids && !(lz4 && c.says != "") {
				t.Errorf("%s: kills of %q, want %q", c.name, got, c.pids)
			}
			if !strings.HasPrefix(pids(t, out), "9") {
				t.Errorf("%s: the other file is not read: %q", c.name, out)
			}
			switch {
			case c.says == "" && (code != exitOK || errOut != ""),
				c.says != "" && (code != exitRead || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "cannot read "+file)),
				!lz4 && !strings.Contains(errOut, c.says):
				t.Errorf("%s: exit %d, %q", c.name, code, errOut)
			}
		}
	})
}

// TestBombs: a small file that unpacks to very much is read through in little memory, and what
// comes behind is found.
func TestBombs(t *testing.T) {
	bomb := func() io.Reader {
		return io.MultiReader(io.LimitReader(zeros{}, 64<<20), strings.NewReader("\n[  100.000002] Out of memory: Killed process 5 (hog) "+hog))
	}
	everyPacker(t, bomb, func(t *testing.T, packed []byte) {
		file := written(t, "kern.log", packed)
		for _, verb := range []string{"parse", "lines"} {
			var before, after runtime.MemStats
			var out bytes.Buffer
			runtime.ReadMemStats(&before)
			code := run([]string{verb, file}, nil, &out, io.Discard)
			runtime.ReadMemStats(&after)
			if code != exitOK || !strings.Contains(out.String(), "hog") {
				t.Errorf("%s: exit %d, %d bytes", verb, code, out.Len())
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 48<<20 { // of 64 MiB
				t.Errorf("%s: %d MiB allocated in all", verb, used>>20)
			}
		}
	})
}

// zeros is an endless input.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// TestLargeWindows: a file that asks to hold much of what was unpacked is refused, with what to do.
func TestLargeWindows(t *testing.T) {
	// A frame whose header asks for a window of 512 MiB, and a block of one byte.
	ofZstd := "\x28\xb5\x2f\xfd\x00\x98\x09\x00\x00x"
	var packed bytes.Buffer
	w, err := packers["xz"](&packed)
	if err == nil {
		_, err = io.WriteString(w, "a line\n")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	small := packed.String()
	large := []byte(small)
	large[16] = 40 // a dictionary of 4 GiB
	binary.LittleEndian.PutUint32(large[20:], crc32.ChecksumIEEE(large[12:20]))
	// The header and the data of a block, with its padding and its check.
	block := func(stream []byte) string { return string(stream[12 : len(stream)-20]) }
	for content, says := range map[string]string{
		ofZstd:                "zstd -dc --long=31",
		string(large):         "xz -dc",
		small + string(large): "xz -dc", // in the second stream
		small + "\x00\x00\x00\x00" + string(large): "xz -dc",
		small[:len(small)-20] + block(large):       "xz -dc", // in the second block
	} {
		file := written(t, "kern.log", []byte(content))
		var out, errOut bytes.Buffer
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		code := run([]string{"parse", file}, nil, &out, &errOut)
		runtime.ReadMemStats(&after)
		if said := errOut.String(); code != exitRead || out.Len() > 0 || strings.Count(said, "\n") != 1 || !strings.Contains(said, "cannot read "+file) || !strings.Contains(said, says) {
			t.Errorf("exit %d, %q, %q", code, &out, said)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 128<<20 {
			t.Errorf("%d MiB allocated", used>>20)
		}
	}
}
