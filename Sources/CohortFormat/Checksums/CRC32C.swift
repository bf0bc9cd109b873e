import CPlatform

/// A running CRC-32C (Castagnoli), as in iSCSI and ext4.
///
/// The check value, for the nine bytes "123456789", is 0xE3069283. In the log every checksum starts
/// from the ledger id, as if its 16 bytes stood before the text, so nobody who does not know the id
/// can write text that passes for a frame.
package struct CRC32C: Hashable, Sendable {
  /// The register: the checksum with its bits inverted.
  private var register: UInt32 = ~0

  /// Begins as the public CRC-32C does.
  package init() {}

  /// Begins as if `prefix`, such as a ledger id, had already been read.
  ///
  /// Make it once and copy it.
  package init(after prefix: Span<UInt8>) { update(prefix) }

  /// The checksum of everything read so far.
  package var value: UInt32 { ~register }

  /// Reads `bytes`.
  ///
  /// - Complexity: O(n), without allocation: about 0.03 ns a byte with instructions, 0.4 without.
  package mutating func update(_ bytes: Span<UInt8>, with engine: HashEngine = .crc32c) {
    switch engine {
    case .portable:
      register = CRC32C.portable(register, over: bytes)
    case .processor:
      register = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe platform_crc32c(register, buffer.baseAddress, buffer.count)
      }
    }
  }

  /// The checksum that `bytes` would lead to.
  package func checksum(_ bytes: Span<UInt8>, with engine: HashEngine = .crc32c) -> UInt32 {
    var copy = self
    copy.update(bytes, with: engine)
    return copy.value
  }
}

extension CRC32C {
  /// Slicing by eight: `slices[256 * k + b]` is what byte `b` has become k zero bytes later.
  private static let slices: [UInt32] = {
    var slices = (0..<256).map { (byte: UInt32) -> UInt32 in
      var crc = byte
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
      return crc
    }
    for index in 256..<8 * 256 {
      let earlier = slices[index - 256]
      slices.append(earlier >> 8 ^ slices[Int(earlier & 255)])
    }
    return slices
  }()

  /// Unsafe loads, for speed: every index into `slices` is 256 * k plus one byte, k < 8, and the
  /// loads from `bytes` end at or before `whole`, which is at most its count.
  private static func portable(_ start: UInt32, over bytes: Span<UInt8>) -> UInt32 {
    unsafe slices.withUnsafeBufferPointer { slices in
      func slice(_ zeros: Int, _ word: UInt64, _ shift: UInt64) -> UInt32 {
        unsafe slices[256 * zeros + Int(truncatingIfNeeded: word >> shift & 255)]
      }
      let raw = unsafe bytes.bytes
      let whole = bytes.count & ~7
      var crc = start
      var offset = 0
      while offset < whole {
        let loaded = unsafe raw.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let word = UInt64(littleEndian: loaded) ^ UInt64(crc)
        crc = slice(7, word, 0) ^ slice(6, word, 8) ^ slice(5, word, 16) ^ slice(4, word, 24)
        crc ^= slice(3, word, 32) ^ slice(2, word, 40) ^ slice(1, word, 48) ^ slice(0, word, 56)
        offset += 8
      }
      while offset < bytes.count {
        crc = crc >> 8 ^ slice(0, UInt64(UInt8(truncatingIfNeeded: crc) ^ bytes[offset]), 0)
        offset += 1
      }
      return crc
    }
  }
}
