package frame

import "testing"

func TestSizeClass(t *testing.T) {
	for bytes, want := range map[int]int{
		0: 0, 48: 48, 500: 500, 4096: 4096,
		4097:     4224,     // unit 4096/32 = 128
		8192:     8192,     // a power of two is its own class
		8193:     8448,     // unit 8192/32 = 256
		10 << 20: 10 << 20, // 8 MiB/32 = 256 KiB: 40 units
	} {
		if got := SizeClass(bytes); got != want {
			t.Errorf("SizeClass(%d) = %d, want %d", bytes, got, want)
		}
	}
	for bytes := 1; bytes < 11<<20; bytes += 997 {
		if c := SizeClass(bytes); c < bytes || c > bytes+bytes/32 && bytes > 4096 {
			t.Fatalf("SizeClass(%d) = %d: more than 1/32 above", bytes, c)
		}
	}
}
