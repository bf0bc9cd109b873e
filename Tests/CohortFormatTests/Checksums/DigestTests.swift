import CohortModel
import Testing

@Suite struct `A digest` {
  let ascending: [UInt8] = (0..<32).map { $0 * 8 + 3 }

  @Test func `gives back the bytes it was made of`() {
    let digest = Digest(ascending.span)
    #expect((0..<32).map { digest[$0] } == ascending)
    let bytes = digest.bytes
    #expect((0..<32).map { bytes[$0] } == ascending)
    var output: [UInt8] = [9]
    digest.append(to: &output)
    #expect(output == [9] + ascending)
    #expect(Digest(output.span, at: 1) == digest)
  }

  @Test func `is written as 64 lower case digits and read in either case`() {
    let digest = Digest(ascending.span)
    let text = digest.description
    #expect(text == "030b131b232b333b434b535b636b737b838b939ba3abb3bbc3cbd3dbe3ebf3fb")
    #expect(Digest(text) == digest)
    #expect(Digest(text.uppercased()) == digest)
  }

  @Test func `is not read from anything else`() {
    let text = Digest(ascending.span).description
    for count in 0..<64 { #expect(Digest(String(text.prefix(count))) == nil) }
    #expect(Digest(text + "0") == nil)
    for character in ["g", "G", "/", ":", "@", "`", " ", "-", "ä", "\u{FF10}"] {
      #expect(Digest(character + text.dropFirst()) == nil)
    }
  }

  @Test func `differs from one with any bit flipped, in the order of the bytes`() {
    let digest = Digest(ascending.span)
    for bit in 0..<256 {
      var other = ascending
      other[bit / 8] ^= 1 << (bit % 8)
      #expect(Digest(other.span) != digest)
      let isLess = ascending.lexicographicallyPrecedes(other)
      #expect((digest < Digest(other.span)) == isLess)
      #expect((Digest(other.span) < digest) != isLess)
    }
    #expect(!(digest < digest))
    #expect(Set([digest, Digest(ascending.span), .zero]).count == 2)
  }
}
