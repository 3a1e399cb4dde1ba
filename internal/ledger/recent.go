package ledger

// recent is a map that forgets: it holds at least the newest `limit` keys and
// at most twice as many. The zero value with a limit is ready to use.
type recent[V any] struct {
	limit    int
	now, old map[uint64]V
}

// put sets the value of key.
func (r *recent[V]) put(key uint64, v V) {
	if r.now == nil {
		r.now = map[uint64]V{}
	}
	delete(r.old, key)
	r.now[key] = v
	if len(r.now) >= r.limit {
		r.old, r.now = r.now, map[uint64]V{}
	}
}

// get is the value of key, if it is still known.
func (r *recent[V]) get(key uint64) (V, bool) {
	if v, ok := r.now[key]; ok {
		return v, true
	}
	v, ok := r.old[key]
	return v, ok
}

// take removes key and returns its value.
func (r *recent[V]) take(key uint64) (V, bool) {
	v, ok := r.get(key)
	delete(r.now, key)
	delete(r.old, key)
	return v, ok
}
