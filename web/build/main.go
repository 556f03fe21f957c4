// SPDX-License-Identifier: Apache-2.0

// Command build makes the web page: one file, which holds the parser and loads nothing.
//
//	go run ./web/build [-version V] [-notices FILE] [-serve ADDRESS] DIR
//
// It takes the program xz.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	page "github.com/oomtrail/oomtrail/internal/html"
)

// most is how large the page may be, in bytes as a host sends it, packed by gzip.
const most = 2_000_000

func main() {
	version := flag.String("version", "", "what the page says it is")
	notices := flag.String("notices", "", "the file with the licences of what is linked")
	serve := flag.String("serve", "", "serve the page at this address, such as 127.0.0.1:8137, and build nothing")
	flag.Parse()
	if err := run(flag.Arg(0), *version, *notices, *serve); err != nil {
		fmt.Fprintln(os.Stderr, "web/build:", err)
		os.Exit(1)
	}
}

func run(dir, version, notices, serve string) error {
	if dir == "" {
		return errors.New("name the directory that the page goes to")
	}
	if serve != "" {
		fmt.Println("http://" + serve + "/")
		server := http.Server{Addr: serve, Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: 10 * time.Second}
		return server.ListenAndServe()
	}
	text, err := os.ReadFile(notices)
	if err != nil {
		return fmt.Errorf("-notices: %w", err)
	}
	built, err := Page(".", version, string(text))
	if err != nil {
		return err
	}
	size, err := gzipped(built)
	if err != nil {
		return err
	}
	if size > most {
		return fmt.Errorf("the page is %d bytes compressed, more than %d", size, most)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "index.html"), built, 0o644); err != nil {
		return err
	}
	fmt.Printf("%s is %d bytes, %d compressed\n", filepath.Join(dir, "index.html"), len(built), size)
	return nil
}

// gzipped returns how many bytes a host sends.
func gzipped(b []byte) (int, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(b); err != nil {
		return 0, err
	}
	err = w.Close()
	return out.Len(), err
}

// Page returns the page. root is that of the project.
func Page(root, version, notices string) ([]byte, error) {
	var failed error
	read := func(path ...string) string {
		b, err := os.ReadFile(filepath.Join(path...))
		failed = errors.Join(failed, err)
		return string(b)
	}
	goRoot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	source := filepath.Join(root, "web", "page")
	template := read(source, "index.html")
	style := page.Style() + read(source, "style.css")
	script := read(source, "page.js")
	worker := read(strings.TrimSpace(string(goRoot)), "lib", "wasm", "wasm_exec.js") + read(source, "lzma.js") + read(source, "worker.js")
	example := read(root, "testdata", "captures", "6.12", "e_k8s_systemd", "syslog.raw")
	if failed != nil {
		return nil, failed
	}
	packed, err := parser(root)
	if err != nil {
		return nil, err
	}
	for name, raw := range map[string]string{"page.js": script, "the worker": worker, "the example": example} {
		if strings.Contains(raw, "</script") || strings.Contains(raw, "<!--") {
			return nil, fmt.Errorf("%s holds what ends a script in HTML", name)
		}
	}
	parts := map[string]string{
		"policy": policy(style, script), "style": style, "page": script, "worker": worker, "example": example,
		"wasm": base64.StdEncoding.EncodeToString(packed), "notices": html.EscapeString(notices), "version": html.EscapeString(version),
	}
	page := regexp.MustCompile(`\{\{(\w+)\}\}`).ReplaceAllFunc([]byte(template), func(place []byte) []byte {
		part, ok := parts[string(place[2:len(place)-2])]
		if !ok {
			failed = errors.Join(failed, fmt.Errorf("index.html names %s, which there is not", place))
		}
		return []byte(part)
	})
	return page, failed
}

// policy lets a browser run the script of the page, its worker and the parser in it, and load
// nothing and send nothing.
func policy(style, script string) string {
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return "default-src 'none'; connect-src 'none'; script-src " + hash(script) + " 'wasm-unsafe-eval'; style-src " + hash(style) +
		"; worker-src blob:; img-src data:; base-uri 'none'; form-action 'none'"
}

// parser returns the parser in WebAssembly, packed.
func parser(root string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "oomtrail-web-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "oomtrail.wasm")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./web/wasm")
	build.Dir = root
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("cannot build the parser: %w: %s", err, out)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	packed, err := exec.Command("xz", "--format=lzma", "-9e", "--stdout", file).Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("xz is not installed, which packs the parser: install the package xz-utils")
	}
	if err != nil {
		return nil, fmt.Errorf("xz: %w", err)
	}
	const size = 5 // where it stands; xz leaves it out
	if len(packed) < size+8 {
		return nil, errors.New("xz wrote nothing")
	}
	binary.LittleEndian.PutUint64(packed[size:], uint64(len(code)))
	return packed, nil
}
