// SPDX-License-Identifier: Apache-2.0

package captures

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// pack writes files into an archive of a directory.
func pack(t *testing.T, name string, contents map[string]string) string {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	for name, data := range contents {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(data))
	}
	w.Close()
	z.Close()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, buf.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestArchiveEqualsDirectory holds a capture out of an archive against the same one out of files.
func TestArchiveEqualsDirectory(t *testing.T) {
	const capture = "6.12/e_k8s_systemd/"
	contents := map[string]string{"6.12/README": "not a capture"}
	for _, name := range []string{"kmsg.raw", "syslog.raw", "truth.json"} {
		data, err := os.ReadFile(filepath.Join(testdata, capture, name))
		if err != nil {
			t.Fatal(err)
		}
		contents["./"+capture+name] = string(data)
	}
	want, err := Load(filepath.Join(testdata, capture))
	if err != nil {
		t.Fatal(err)
	}
	file := pack(t, "6.12.tar.gz", contents)
	for _, root := range []string{file, filepath.Dir(file)} {
		got, err := Load(root)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("Load(%s) is not what the files are", root)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "cut.tar.gz")
	if err := os.WriteFile(broken, []byte("\x1f\x8b\x08"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ root, want string }{
		{t.TempDir(), "no captures"},
		{broken, "cut.tar.gz"},
		{pack(t, "a.tar.gz", map[string]string{"6.12/a/kmsg.raw": ""}), "6.12/a/truth.json"},
	} {
		if _, err := Load(c.root); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Load(%s): %v, want an error that names %q", c.root, err, c.want)
		}
	}
}
