import CPlatform
import CohortModel

/// The chaining value of SHA-256: eight words, carried from block to block.
struct SHA256State {
  private(set) var words: InlineArray<8, UInt32>

  /// FIPS 180-4, section 5.3.3.
  static let initial = SHA256State(words: [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ])

  private init(words: InlineArray<8, UInt32>) { self.words = words }

  /// The words as a digest, once the padding has been read.
  var digest: Digest {
    Digest(
      UInt64(words[0]) << 32 | UInt64(words[1]), UInt64(words[2]) << 32 | UInt64(words[3]),
      UInt64(words[4]) << 32 | UInt64(words[5]), UInt64(words[6]) << 32 | UInt64(words[7]))
  }

  /// Reads `blocks`, a multiple of 64 bytes.
  mutating func compress(_ blocks: Span<UInt8>, with engine: HashEngine) {
    precondition(blocks.count & 63 == 0, "SHA-256 reads whole blocks")
    switch engine {
    case .portable:
      let raw = unsafe blocks.bytes
      for start in stride(from: 0, to: blocks.count, by: 64) {
        compress(
          InlineArray { index in
            let word = unsafe raw.unsafeLoadUnaligned(
              fromByteOffset: start + 4 * index, as: UInt32.self)
            return UInt32(bigEndian: word)
          })
      }
    case .processor:
      var target = words.mutableSpan
      unsafe target.withUnsafeMutableBufferPointer { words in
        unsafe blocks.withUnsafeBufferPointer { blocks in
          unsafe platform_sha256(words.baseAddress, blocks.baseAddress, blocks.count / 64)
        }
      }
    }
  }

  /// Pads `tail` and reads it.
  mutating func finish(_ tail: inout SHA256Tail, messageSize: Int, with engine: HashEngine) {
    let end = tail.pad(messageSize: messageSize)
    compress(tail.bytes.span.extracting(0..<end), with: engine)
  }
}

extension SHA256State {
  /// Reads the two blocks of a tree node.
  mutating func compress(_ node: NodeBlocks, with engine: HashEngine) {
    switch engine {
    case .portable:
      for block in 0..<2 {
        compress(
          InlineArray { index in
            let word = UInt64(bigEndian: node.words[8 * block + index / 2])
            return UInt32(truncatingIfNeeded: index & 1 == 0 ? word >> 32 : word)
          })
      }
    case .processor:
      var target = words.mutableSpan
      unsafe target.withUnsafeMutableBufferPointer { words in
        unsafe node.words.span.withUnsafeBytes { blocks in
          unsafe platform_sha256(words.baseAddress, blocks.baseAddress, 2)
        }
      }
    }
  }

  /// The digests of two tree nodes, computed side by side where the processor can.
  static func compressed(
    _ one: NodeBlocks, _ other: NodeBlocks, with engine: HashEngine
  ) -> (Digest, Digest) {
    var (left, right) = (initial, initial)
    switch engine {
    case .portable:
      left.compress(one, with: engine)
      right.compress(other, with: engine)
    case .processor:
      var leftWords = left.words.mutableSpan
      var rightWords = right.words.mutableSpan
      unsafe leftWords.withUnsafeMutableBufferPointer { leftWords in
        unsafe rightWords.withUnsafeMutableBufferPointer { rightWords in
          unsafe one.words.span.withUnsafeBytes { one in
            unsafe other.words.span.withUnsafeBytes { other in
              unsafe platform_sha256_pair(
                leftWords.baseAddress, one.baseAddress, rightWords.baseAddress, other.baseAddress, 2
              )
            }
          }
        }
      }
    }
    return (left.digest, right.digest)
  }
}

extension SHA256State {
  /// The 64 rounds of FIPS 180-4, section 6.2.2, with the schedule kept in a ring of 16 words.
  private mutating func compress(_ message: InlineArray<16, UInt32>) {
    var ring = message
    var (a, b, c, d) = (words[0], words[1], words[2], words[3])
    var (e, f, g, h) = (words[4], words[5], words[6], words[7])
    for round in 0..<64 {
      if round >= 16 {
        let (w2, w15) = (ring[(round + 14) & 15], ring[(round + 1) & 15])
        let s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ w15 >> 3
        let s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ w2 >> 10
        ring[round & 15] = ring[round & 15] &+ s0 &+ ring[(round + 9) & 15] &+ s1
      }
      let choice = g ^ e & (f ^ g)
      let s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
      let t1 = h &+ s1 &+ choice &+ roundConstants[round] &+ ring[round & 15]
      let majority = a & b | c & (a | b)
      let s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
      (h, g, f, e) = (g, f, e, d &+ t1)
      (d, c, b, a) = (c, b, a, t1 &+ s0 &+ majority)
    }
    words[0] &+= a
    words[1] &+= b
    words[2] &+= c
    words[3] &+= d
    words[4] &+= e
    words[5] &+= f
    words[6] &+= g
    words[7] &+= h
  }
}

@inline(__always) private func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
  word &>> count | word &<< (32 &- count)
}

/// FIPS 180-4, section 4.2.2: the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: InlineArray<64, UInt32> = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]
