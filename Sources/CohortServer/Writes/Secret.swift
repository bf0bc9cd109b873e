import CohortFormat
package import CohortLog
package import CohortModel

/// The secret of a key: made here, shown once, stored nowhere but as its SHA-256.
package enum Secret {
  /// The public word of the kind, then 32 random bytes as 43 letters of base64url (RFC 4648).
  package static func make(
    _ kind: KeyKind, from random: some RandomSource = SystemRandomSource()
  ) -> [UInt8] {
    var text = Array(kind.prefix.utf8)
    var (bits, count): (UInt32, Int) = (0, 0)
    for byte in random.bytes(32) {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        text.append(letters[Int(bits >> UInt32(count) & 63)])
      }
    }
    text.append(letters[Int(bits << UInt32(6 - count) & 63)])
    return text
  }

  private static let letters = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
}
