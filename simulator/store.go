package simulator

import (
	"hash/maphash"
	"slices"
)

// chunkSize is how many requests a store makes room for at once.
const chunkSize = 512

// none is no place in a store; places count from 1.
const none int32 = 0

// store keeps requests in numbered places. Nothing in it points to a request, so
// that the garbage collector has only the few pieces to mark that requests lie in.
// Its users hold a lock.
type store struct {
	seed maphash.Seed
	// first has, for a hash, the first of the requests whose key has it; their next
	// leads to the others. A hash takes a fifth of the memory of a key, which the
	// request holds anyhow.
	first map[uint32]int32
	// chunks never move and are never given back.
	chunks []*[chunkSize]request
	free   int32 // the first of the places that were vacated, linked by next
	used   int   // places that ever held a request
	count  int   // requests kept
}

// newStore makes an empty store.
func newStore() store {
	return store{seed: maphash.MakeSeed(), first: make(map[uint32]int32)}
}

// hash is a key's place in first.
func (s *store) hash(key requestKey) uint32 { return uint32(maphash.Comparable(s.seed, key)) }

// at is the request in a place. It is another's once the request is dropped.
func (s *store) at(place int32) *request {
	return &s.chunks[(place-1)/chunkSize][(place-1)%chunkSize]
}

// find gives the place of a key's request, or none.
func (s *store) find(key requestKey) int32 {
	place := s.first[s.hash(key)]
	for place != none && s.at(place).key != key {
		place = s.at(place).next
	}
	return place
}

// keep copies a request, of a key that is not kept yet, to a place of its own.
func (s *store) keep(r *request) int32 {
	place := s.vacancy()
	hash := s.hash(r.key)
	kept := s.at(place)
	*kept = *r
	kept.next = s.first[hash]
	s.first[hash] = place
	s.count++
	return place
}

// vacancy takes a free place.
func (s *store) vacancy() int32 {
	if place := s.free; place != none {
		s.free = s.at(place).next
		return place
	}
	if s.used == len(s.chunks)*chunkSize {
		s.chunks = append(s.chunks, new([chunkSize]request))
	}
	s.used++
	return int32(s.used)
}

// drop forgets the request in a place, which the next one kept takes over.
func (s *store) drop(place int32) {
	gone := s.at(place)
	s.unlink(place, gone)
	*gone = request{next: s.free}
	s.free = place
	s.count--
}

// unlink takes a request out of those that share its hash.
func (s *store) unlink(place int32, gone *request) {
	hash := s.hash(gone.key)
	before := s.first[hash]
	switch {
	case before != place:
		for s.at(before).next != place {
			before = s.at(before).next
		}
		s.at(before).next = gone.next
	case gone.next != none:
		s.first[hash] = gone.next
	default:
		delete(s.first, hash)
	}
}

// appendAll appends copies of all requests, in no order, and with them the vacated
// places, whose sequence is 0: whole chunks are copied so that the lock is held
// briefly.
func (s *store) appendAll(into []request) []request {
	into = slices.Grow(into, s.used)
	for i, chunk := range s.chunks {
		into = append(into, chunk[:min(chunkSize, s.used-i*chunkSize)]...)
	}
	return into
}
