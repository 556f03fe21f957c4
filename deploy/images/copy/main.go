// SPDX-License-Identifier: Apache-2.0

// Program copy copies the files and symbolic links of one directory into another: what an init
// container without a shell has for cp. A file that is there is replaced as a whole.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "copy:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: copy FROM TO")
	}
	from, to := args[0], args[len(args)-1]
	if info, err := os.Stat(to); err != nil || !info.IsDir() {
		return fmt.Errorf("%s is no directory: mount a volume (emptyDir) there", to)
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		target := filepath.Join(to, entry.Name())
		if err := place(filepath.Join(from, entry.Name()), target, entry.Type()); err != nil {
			return fmt.Errorf("%w: the user of this container must be able to write to %s", err, to)
		}
		fmt.Println(target)
	}
	return nil
}

// place copies one file or link beside its target, and then renames it, so that no one reads half
// of it.
func place(source, target string, kind os.FileMode) error {
	part := target + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	switch {
	case kind == os.ModeSymlink:
		link, err := os.Readlink(source)
		if err != nil {
			return err
		}
		if err := os.Symlink(link, part); err != nil {
			return err
		}
	case kind.IsRegular():
		if err := write(source, part); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s is no file or link", source)
	}
	return os.Rename(part, target)
}

func write(source, part string) error {
	in, err := os.Open(source)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
