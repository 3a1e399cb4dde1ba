package payload

import "math/rand/v2"

// textBytes is the length of the text that the texts of all bodies are cut from.
const textBytes = 1 << 16

// randomText is textBytes characters of base64url's alphabet.
type randomText string

func newRandomText(seed uint64) randomText {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	rng := rand.New(rand.NewPCG(seed, textBytes))
	text := make([]byte, textBytes)
	var random uint64
	for i := range text {
		if i%10 == 0 { // ten characters of six bits
			random = rng.Uint64()
		}
		text[i] = alphabet[random&63]
		random >>= 6
	}
	return randomText(text)
}

// append appends n characters from a random place on, round and round.
func (t randomText) append(dst []byte, random uint64, n int) []byte {
	for offset := int(random>>32) % textBytes; n > 0; offset = 0 {
		part := t[offset:min(offset+n, textBytes)]
		dst = append(dst, part...)
		n -= len(part)
	}
	return dst
}
