// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

const (
	pictureFile = "docs/explain.svg"
	// pictureCommand is the command whose output the picture shows, as README.md has it. --color is
	// what the command does on a terminal by itself.
	pictureCommand = "oomtrail explain --root testdata/node/root testdata/captures/6.12/e_k8s_systemd/kmsg.raw"
	// pictureEnd is the heading of the page at which the picture ends: above is the first screen.
	pictureEnd = "Who"
)

// programDir is where the command is built, once for all tests.
var programDir string

var buildOnce = sync.OnceValue(func() error {
	cmd := exec.Command("go", "build", "-o", programDir, "./cmd/oomtrail")
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
})

func TestMain(m *testing.M) {
	var err error
	if programDir, err = os.MkdirTemp("", "oomtrail-docs-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(programDir)
	os.Exit(code)
}

// program returns the directory and the file of the command.
func program(t *testing.T) (dir, file string) {
	t.Helper()
	if err := buildOnce(); err != nil {
		t.Fatal(err)
	}
	return programDir, filepath.Join(programDir, "oomtrail")
}

// TestPicture: the picture in README.md is what the command prints today.
func TestPicture(t *testing.T) {
	args := append(strings.Fields(pictureCommand)[1:], "--color", "always")
	_, file := program(t)
	cmd := exec.Command(file, args...)
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	screen, _, found := strings.Cut(string(out), "\n\n\x1b[1m"+pictureEnd+"\x1b[0m\n")
	if !found {
		t.Fatalf("the page has no heading %q any more:\n%s", pictureEnd, out)
	}
	want, err := Picture(pictureCommand, screen)
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join("../..", pictureFile)
	if *update {
		if err := os.WriteFile(picture, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the command prints: run `make screenshot`", pictureFile)
	}
}

// TestPictureIsWhole: the picture is XML whose text is that of the terminal, whatever it holds.
func TestPictureIsWhole(t *testing.T) {
	svg, err := Picture("cat <x> & y", "plain \x1b[1;31mred <b> &amp;\x1b[0m end\n\n  \x1b[32mgreen\x1b[m\n")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	inText := 0
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "text" {
				inText++
			}
		case xml.EndElement:
			if token.Name.Local == "text" {
				inText--
				text.WriteByte('\n')
			}
		case xml.CharData:
			if inText > 0 {
				text.Write(token)
			}
		}
	}
	if want := "$ cat <x> & y\nplain red <b> &amp; end\n\n  green\n"; text.String() != want {
		t.Errorf("the picture says %q, want %q", text.String(), want)
	}
	if !strings.Contains(svg, `<tspan class="bold red">red &lt;b&gt;`) || !strings.Contains(svg, `<tspan class="green">green</tspan>`) {
		t.Errorf("the colours are not there:\n%s", svg)
	}
	for _, output := range []string{"\x1b[38;5;9mx", "\x1b[2J"} {
		if _, err := Picture("x", output); err == nil {
			t.Errorf("%q is drawn as if it were a colour", output)
		}
	}
}
