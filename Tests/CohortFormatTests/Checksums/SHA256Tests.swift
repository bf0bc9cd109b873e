import CPlatform
import CohortFormat
import CohortModel
import Testing

/// The engines that this machine has.
let shaEngines: [HashEngine] = platform_has_sha256() ? [.portable, .processor] : [.portable]

@Suite struct `A SHA-256` {
  /// FIPS 180-4 examples and NIST's long message of a million `a`.
  static let published: [(text: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      Array(
        ("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
          + "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu").utf8),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (
      [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test(arguments: shaEngines) func `has its published values`(engine: HashEngine) {
    for (text, digest) in Self.published {
      #expect(SHA256.digest(text.span, with: engine).description == digest)
      var hash = SHA256(with: engine)
      hash.update(text.span)
      #expect(hash.digest().description == digest)
    }
  }

  @Test func `is the same from both engines and both forms, for every short length`() {
    let text = noise(count: 316)
    for length in 0...300 {
      for start in [0, 1, 7, 15] {
        let bytes = text.span.extracting(start..<start + length)
        let portable = SHA256.digest(bytes, with: .portable)
        for engine in shaEngines {
          #expect(SHA256.digest(bytes, with: engine) == portable)
          var hash = SHA256(with: engine)
          hash.update(bytes)
          #expect(hash.digest() == portable)
        }
      }
    }
  }

  @Test(arguments: shaEngines)
  func `does not depend on how the text is cut`(engine: HashEngine) {
    let text = noise(count: 200)
    let whole = SHA256.digest(text.span, with: engine)
    for first in 0...200 {
      for second in stride(from: first, through: 200, by: 13) {
        var hash = SHA256(with: engine)
        hash.update(text.span.extracting(0..<first))
        hash.update(text.span.extracting(first..<second))
        hash.update(text.span.extracting(second...))
        #expect(hash.digest() == whole, "cut at \(first) and \(second)")
      }
    }
  }

  @Test(arguments: shaEngines)
  func `reads byte after byte, and can be asked at any point`(engine: HashEngine) {
    let text = noise(count: 150)
    var hash = SHA256(with: engine)
    for length in 0..<150 {
      #expect(hash.digest() == SHA256.digest(text.span.extracting(0..<length), with: engine))
      hash.update(text[length])
    }
  }

  @Test func `of a copy leaves the original where it was`() {
    var hash = SHA256()
    hash.update(Array("ab".utf8).span)
    var copy = hash
    copy.update(UInt8(ascii: "c"))
    hash.update(UInt8(ascii: "c"))
    #expect(hash.digest() == copy.digest())
    #expect(hash.digest() == Digest(Self.published[1].digest))
  }
}
