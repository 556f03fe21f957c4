// SPDX-License-Identifier: Apache-2.0

package roster

// mostPast is how many streams that are gone are remembered.
const mostPast = 1024

// Past remembers something of the streams that went last.
type Past[K comparable, V any] struct {
	of   map[K]V
	ring []K
	next int
}

// Put remembers v of a stream that goes.
func (p *Past[K, V]) Put(key K, v V) {
	if p.of == nil {
		p.of = make(map[K]V)
	}
	if _, known := p.of[key]; !known {
		if len(p.ring) < mostPast {
			p.ring = append(p.ring, key)
		} else {
			delete(p.of, p.ring[p.next])
			p.ring[p.next] = key
			p.next = (p.next + 1) % mostPast
		}
	}
	p.of[key] = v
}

// Get returns what is remembered of a stream, the zero value for nothing.
func (p *Past[K, V]) Get(key K) V { return p.of[key] }
