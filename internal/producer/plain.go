package producer

import "encoding/binary"

// ones and tops are the lowest and the highest bits of the bytes of a word.
const ones, tops = 0x0101010101010101, 0x8080808080808080

// plain reports whether text is printable ASCII without a backslash. Eight
// bytes are looked at as one word; the last word may share some with the one
// before.
func plain(text []byte) bool {
	if len(text) < 8 {
		return plainBytes(text)
	}
	last := len(text) - 8
	for at := 0; at < last; at += 8 {
		if !plainWord(binary.LittleEndian.Uint64(text[at:])) {
			return false
		}
	}
	return plainWord(binary.LittleEndian.Uint64(text[last:]))
}

func plainBytes(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// plainWord is plain for eight bytes. Of the differences below, the top bit of a
// byte is set where that byte is the one looked for, or below it, and perhaps in
// bytes above such a one, which makes no difference to whether there is one.
func plainWord(w uint64) bool {
	if w&(0xf0*ones) == '0'*ones { // digits, which come most, and what follows them up to '?'
		return true
	}
	slash, del := w^'\\'*ones, w^0x7f*ones
	return (w|(w-' '*ones)&^w|(slash-ones)&^slash|(del-ones)&^del)&tops == 0
}
