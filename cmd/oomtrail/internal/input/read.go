// SPDX-License-Identifier: Apache-2.0

package input

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/oomtrail/oomtrail/internal/unpack"
	"github.com/oomtrail/oomtrail/internal/years"
	"github.com/oomtrail/oomtrail/parser"
)

// noLog is the error of a file that is no log.
type noLog struct{ error }

func (e noLog) Unwrap() error { return e.error }

// hand gives fn what an input holds; file is its path, "" for none. A file that is no text, and in
// which nothing was found, is an error.
func (s *Set) hand(r io.Reader, file string, in *Input, fn func(*Input) error) error {
	raw := r
	f, isFile := r.(*os.File)
	if isFile && regular(f) {
		raw = &counted{raw, s}
	} else {
		raw = readAhead(r, s.unlessCut)
	}
	unpacked, err := unpack.Reader(raw, in.Name, file)
	if err != nil {
		if errors.Is(err, unpack.ErrNoLog) {
			return noLog{err}
		}
		return err
	}
	defer unpacked.Close()
	text := s.prompted(unpacked) // not below the unpacking: a program reads its input while we print
	if isFile && file != "" {
		text = in.byYears(f, text)
	}
	in.Reader = in.remember(text)
	if err := fn(in); err != nil {
		return err
	}
	if file != "" && in.seen.Found == 0 && in.seen.IsBinary() {
		return noLog{errors.New("cannot read " + in.Name + ": it is binary data, not a log: name a log, such as /var/log/kern.log, or pipe one in: dmesg | oomtrail")}
	}
	return nil
}

// byYears returns a file's text, read so that the stamps in it are dated by the years that follow
// one another in it. f is where r reads from.
func (in *Input) byYears(f *os.File, r io.Reader) io.Reader {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return r
	}
	file := years.File{ReaderAt: f, Size: info.Size(), Written: in.Dating.Reference(), Location: in.Dating.Location}
	read, written := years.Reader(file, r, func(r io.Reader) io.Reader { return &cutter{in.set.Context, r} })
	if written != nil {
		in.Dating.Reference = written
	}
	return read
}

func regular(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

// openFile opens a file; of a named pipe it waits for the writer, as who names one wants, or for
// the end of the context.
func openFile(ctx context.Context, name string) (*os.File, error) {
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		return os.Open(name)
	}
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(name)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-ctx.Done():
		return nil, parser.ErrCutOff
	}
}

// prompt is an input that lets the command print what there is to print, and how far it is, before
// it waits for more: somebody may be watching a live log.
type prompt struct {
	io.Reader
	set *Set
}

// prompted returns what r holds, read so that the command can print what there is to print, and
// that it ends with the context.
func (s *Set) prompted(r io.Reader) io.Reader {
	if s.Quiet != nil {
		r = readAhead(r, s.unlessQuiet)
	}
	return &cutter{s.Context, prompt{r, s}}
}

func (p prompt) Read(b []byte) (int, error) {
	if p.set.BeforeRead != nil {
		if err := p.set.BeforeRead(); err != nil {
			return 0, err
		}
	}
	if p.set.Progress != nil {
		p.set.Progress(p.set.far())
	}
	return p.Reader.Read(b)
}

// counted counts what is read of files.
type counted struct {
	io.Reader
	set *Set
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.set.count.Add(int64(n))
	return n, err
}

// cutter ends an input where the context ends.
type cutter struct {
	ctx context.Context
	r   io.Reader
}

func (c *cutter) Read(b []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, parser.ErrCutOff
	}
	n, err := c.r.Read(b)
	if err != nil && c.ctx.Err() != nil {
		err = parser.ErrCutOff
	}
	return n, err
}
