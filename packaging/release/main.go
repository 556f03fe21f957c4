// SPDX-License-Identifier: Apache-2.0

// Program release packs a directory into an archive of a release: a tar file, a compressed one, or
// a zip file, as the name says. The same files give the same bytes, whoever packs them, when and
// where: names are in order, times are that of the commit, and nobody owns them.
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	date := flags.String("date", "", "`TIME` of every file, by RFC 3339; without it, 1 January 1980")
	into := flags.String("into", "", "`DIRECTORY` that the archive's names begin with")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("name the archive (.tar, .tar.gz or .zip) and the directory that goes into it")
	}
	// The earliest that a zip file can hold.
	at := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	if *date != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, *date); err != nil {
			return fmt.Errorf("-date: %w", err)
		}
	}
	name := flags.Arg(0)
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := errors.Join(write(file, name, flags.Arg(1), *into, at.UTC()), file.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

// archive is what both kinds of archive take: one file at a time.
type archive interface {
	// add adds what is at a path: a directory, a file, or a link with its target.
	add(name string, mode fs.FileMode, path, target string) error
	Close() error
}

// write packs a directory by the kind that the archive's name ends with.
func write(w io.Writer, name, dir, into string, at time.Time) error {
	switch {
	case strings.HasSuffix(name, ".zip"):
		z := zip.NewWriter(w)
		z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
		return walk(zipped{z, at}, dir, into)
	case strings.HasSuffix(name, ".tar.gz"):
		z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			return err
		}
		return errors.Join(walk(tarred{tar.NewWriter(z), at}, dir, into), z.Close())
	case strings.HasSuffix(name, ".tar"):
		return walk(tarred{tar.NewWriter(w), at}, dir, into)
	}
	return fmt.Errorf("%s: an archive ends with .tar, .tar.gz or .zip", name)
}

// walk adds a directory to an archive in the order of names, and ends it. Rights are those of a
// program or of a text, whatever the umask was.
func walk(a archive, dir, into string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(filepath.Join(into, below)), "./")
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch {
		case name == ".":
			return nil
		case entry.IsDir():
			return a.add(name+"/", fs.ModeDir|0o755, path, "")
		case entry.Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return a.add(name, fs.ModeSymlink|0o777, path, target)
		case !entry.Type().IsRegular():
			return fmt.Errorf("%s: not a file, a directory or a link", path)
		case info.Mode()&0o100 != 0:
			return a.add(name, 0o755, path, "")
		}
		return a.add(name, 0o644, path, "")
	})
	return errors.Join(err, a.Close())
}

// pour copies a file into an archive.
func pour(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, file)
	return errors.Join(err, file.Close())
}

// tarred is a tar file whose files are all of one time.
type tarred struct {
	*tar.Writer
	at time.Time
}

func (t tarred) add(name string, mode fs.FileMode, path, target string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	header := &tar.Header{Name: name, Mode: int64(mode.Perm()), ModTime: t.at, Linkname: target, Typeflag: tar.TypeReg}
	switch mode.Type() {
	case fs.ModeDir:
		header.Typeflag = tar.TypeDir
	case fs.ModeSymlink:
		header.Typeflag = tar.TypeSymlink
	default:
		header.Size = info.Size()
	}
	if err := t.WriteHeader(header); err != nil || !mode.IsRegular() {
		return err
	}
	return pour(t, path)
}

// zipped is a zip file whose files are all of one time.
type zipped struct {
	*zip.Writer
	at time.Time
}

func (z zipped) add(name string, mode fs.FileMode, path, target string) error {
	header := &zip.FileHeader{Name: name, Modified: z.at, Method: zip.Deflate}
	header.SetMode(mode)
	if mode.IsDir() {
		header.Method = zip.Store
	}
	w, err := z.CreateHeader(header)
	if err != nil || mode.IsDir() {
		return err
	}
	if target != "" {
		_, err = io.WriteString(w, target)
		return err
	}
	return pour(w, path)
}
