package simulator

import (
	"reflect"
	"runtime"
	"testing"

	"treasury-switch/iso"
)

// pointers lists the parts of a type that the garbage collector would follow.
func pointers(of reflect.Type, path string) (found []string) {
	switch of.Kind() {
	case reflect.Struct:
		for i := range of.NumField() {
			found = append(found, pointers(of.Field(i).Type, path+"."+of.Field(i).Name)...)
		}
	case reflect.Array:
		return pointers(of.Elem(), path+"[]")
	case reflect.Bool, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Int,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uint:
	default:
		return []string{path + " is a " + of.String()}
	}
	return found
}

func TestRequestsHoldNoPointers(t *testing.T) {
	index := reflect.TypeOf(store{}.first)
	for name, of := range map[string]reflect.Type{
		"request": reflect.TypeFor[request](), "index": index.Key(), "place": index.Elem(),
	} {
		for _, found := range pointers(of, name) {
			t.Error(found)
		}
	}
	if found := pointers(reflect.TypeFor[store](), "store"); len(found) != 2 {
		t.Errorf("a store has two parts with pointers, the index and the chunks; found %q", found)
	}
}

// TestMillionsAreSmall fills a book and looks at what the garbage collector has to do.
func TestMillionsAreSmall(t *testing.T) {
	const requests, bytesEach = 200_000, 200
	before := heap()
	b := newBook(2 * requests)
	for i := range requests {
		if !debit(b, numbered(t, "approved", i), iso.RC00Approved) {
			t.Fatal("the book is full")
		}
	}
	after := heap()
	if bytes := int64(after.HeapAlloc-before.HeapAlloc) / requests; bytes > bytesEach {
		t.Errorf("%d bytes each, want at most %d", bytes, bytesEach)
	}
	if objects := int64(after.HeapObjects - before.HeapObjects); objects > requests/20 {
		t.Errorf("%d requests are %d objects to mark", requests, objects)
	}
	runtime.KeepAlive(b)
}

// heap is what lives after a collection.
func heap() (m runtime.MemStats) {
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m
}

// sharing finds two keys with one hash.
func sharing(t *testing.T, s *store) (a, b requestKey) {
	t.Helper()
	seen := map[uint32]requestKey{}
	for i := range 1_000_000 {
		key := numbered(t, "sharing1", i)
		hash := s.hash(key)
		if other, found := seen[hash]; found {
			return other, key
		}
		seen[hash] = key
	}
	t.Fatal("no two of a million keys share their hash of 32 bits")
	return a, b
}

func TestStoreTellsKeysOfOneHashApart(t *testing.T) {
	s := newStore()
	a, b := sharing(t, &s)
	for _, gone := range []requestKey{a, b} {
		stays := a
		if gone == a {
			stays = b
		}
		if s.keep(&request{key: a, amount: 1}); s.find(b) != none {
			t.Fatal("a key was taken for another of its hash")
		}
		s.keep(&request{key: b, amount: 2})
		if s.at(s.find(a)).amount != 1 || s.at(s.find(b)).amount != 2 || len(s.first) != 1 {
			t.Fatal("two keys of one hash are not two requests")
		}
		s.drop(s.find(gone))
		if s.find(gone) != none || s.find(stays) == none {
			t.Fatal("the wrong request was dropped")
		}
		s.drop(s.find(stays))
		if s.find(stays) != none || len(s.first) != 0 || s.count != 0 {
			t.Fatalf("an empty store holds %d requests of %d hashes", s.count, len(s.first))
		}
	}
}

func TestStoreReusesPlaces(t *testing.T) {
	s := newStore()
	const size = chunkSize + chunkSize/2
	for i := range 10 * size {
		if i >= size {
			s.drop(s.find(numbered(t, "rotating", i-size)))
		}
		s.keep(&request{key: numbered(t, "rotating", i), sequence: int64(i)})
	}
	if s.count != size || s.used != size || len(s.chunks) != 2 {
		t.Fatalf("%d requests in %d places of %d chunks", s.count, s.used, len(s.chunks))
	}
	for i := 9 * size; i < 10*size; i++ {
		if s.at(s.find(numbered(t, "rotating", i))).sequence != int64(i) {
			t.Fatalf("request %d is lost", i)
		}
	}
	if all := s.appendAll(nil); len(all) != size {
		t.Errorf("a copy of %d requests has %d", size, len(all))
	}
}
