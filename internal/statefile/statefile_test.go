// SPDX-License-Identifier: Apache-2.0

package statefile

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(path, link))
	f, state, err := Open(path)
	require.NoError(t, err)
	assert.Nil(t, state)
	assert.NoFileExists(t, path, "nothing was saved yet")
	require.NoError(t, f.Save([]byte("one")))
	f.Close()
	f, state, err = Open(link)
	require.NoError(t, err)
	assert.Equal(t, "one", string(state))
	require.NoError(t, f.Save([]byte("two")))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "two", string(b))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink, "a link stays one")
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	assert.Equal(t, []string{link, path}, left)
}

// TestSaveTouchesNothingElse: the same state is not written again.
func TestSaveTouchesNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	f, _, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, f.Save([]byte("one")))
	require.NoError(t, os.Remove(path))
	require.NoError(t, f.Save([]byte("one")))
	assert.NoFileExists(t, path)
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large")
	require.NoError(t, os.WriteFile(large, make([]byte, maxSize+1), 0o600))
	for path, want := range map[string]string{
		filepath.Join(dir, "missing", "state"): "no such file or directory: create its directory",
		dir:                                    "it is a directory: name a file in it, as in " + filepath.Join(dir, "state"),
		"/dev/null":                            "it is no regular file: name another one",
		large:                                  "it is too large for a state: name another file",
		"/proc/self/state":                     "no such file or directory: create its directory",
	} {
		_, _, err := Open(path)
		assert.EqualError(t, err, want, path)
	}
}

// TestSaveFails: a state that cannot be saved leaves the old one.
func TestSaveFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	f, _, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, f.Save([]byte("one")))
	require.NoError(t, os.MkdirAll(filepath.Join(path+".tmp", "in the way"), 0o700))
	require.EqualError(t, f.Save([]byte("two")), "file exists: remove "+path+".tmp, which is in the way")
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "one", string(b))
	require.NoError(t, os.RemoveAll(path+".tmp"))
	require.NoError(t, f.Save([]byte("two")), "the next one is tried again")
}

// TestLinkInTheWay: nothing is written through a link that another user may have put there.
func TestLinkInTheWay(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "state"), filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, []byte("precious"), 0o600))
	require.NoError(t, os.Symlink(other, path+".tmp"))
	f, _, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, os.Symlink(other, path+".tmp"))
	require.NoError(t, f.Save([]byte("one")))
	b, err := os.ReadFile(other)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(b))
}

// TestLinkToNoFileYet: a link to where the state will be stays one.
func TestLinkToNoFileYet(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "disk"), 0o700))
	require.NoError(t, os.Symlink(filepath.Join("disk", "second"), filepath.Join(dir, "link")))
	require.NoError(t, os.Symlink("state", filepath.Join(dir, "disk", "second")))
	f, state, err := Open(filepath.Join(dir, "link"))
	require.NoError(t, err)
	assert.Nil(t, state)
	require.NoError(t, f.Save([]byte("one")))
	b, err := os.ReadFile(filepath.Join(dir, "disk", "state"))
	require.NoError(t, err)
	assert.Equal(t, "one", string(b))
	info, err := os.Lstat(filepath.Join(dir, "link"))
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
}

// TestOneProcess: a state that is in use is refused, before and after it was saved, by any path.
func TestOneProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("locks are of Linux")
	}
	path := filepath.Join(t.TempDir(), "state")
	link := path + ".link"
	require.NoError(t, os.Symlink(path, link))
	f, _, err := Open(path)
	require.NoError(t, err)
	refused := func() {
		for _, name := range []string{path, link} {
			_, _, err := Open(name)
			require.ErrorContains(t, err, "another process uses it: end that one, or name another file")
		}
	}
	for _, state := range []string{"one", "two"} {
		require.NoError(t, f.Save([]byte(state)))
		refused()
	}
	f.Close()
	f, state, err := Open(link)
	require.NoError(t, err)
	assert.Equal(t, "two", string(state))
	refused()
	require.NoError(t, f.Save([]byte("three")))
	f.Close()
}

// TestTwoBeginAtOnce: of two that found no state, the first to save it has it, also afterwards.
func TestTwoBeginAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	first, _, err := Open(path)
	require.NoError(t, err)
	second, _, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, first.Save([]byte("one")))
	for range 2 {
		require.EqualError(t, second.Save([]byte("other")), "another process uses it: end that one, or name another file")
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, "one", string(b))
	}
	require.NoError(t, first.Save([]byte("two")))
	require.NoError(t, os.Remove(path))
	require.NoError(t, first.Save([]byte("three")), "it was removed by hand")
	first.Close()
	second.Close()
}
