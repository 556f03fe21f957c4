// SPDX-License-Identifier: Apache-2.0

package input

import (
	"path/filepath"
	"sync"
)

// What the instances of a process share: a hot reload ends all of them, and begins others of the
// same names.

// reloads keeps the places of instances without a cursor that a reload has ended, and watchings the
// watching of others, by their names.
var (
	reloads   keeping[instanceKey, *place]
	watchings keeping[string, *watching]
)

// instanceKey is the name of an instance, and the log that it reads.
type instanceKey struct{ name, path string }

// keeping keeps what instances leave to those of the same key.
type keeping[K comparable, V any] struct{ of sync.Map }

func (k *keeping[K, V]) keep(key K, v V) { k.of.Store(key, v) }

// take returns what an instance has left, the zero value for nothing, and forgets it.
func (k *keeping[K, V]) take(key K) V {
	left, _ := k.of.LoadAndDelete(key)
	v, _ := left.(V)
	return v
}

// cursors are the files of cursors that instances use, and their names.
var cursors = usedFiles{by: make(map[string]string)}

type usedFiles struct {
	mu sync.Mutex
	by map[string]string
}

// add notes that an instance uses a file. taken is set, and nothing noted, where another one does.
func (u *usedFiles) add(name, path string) (other string, taken bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	path = target(path)
	if other, taken = u.by[path]; taken {
		return other, true
	}
	u.by[path] = name
	return "", false
}

// drop notes that an instance has ended.
func (u *usedFiles) drop(name, path string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if path = target(path); u.by[path] == name {
		delete(u.by, path)
	}
}

// target returns the path of a file whose name may lead over links, as far as it is there.
func target(path string) string {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, filepath.Base(path))
}
