/// How JSON spells a byte that it cannot let stand.
enum EscapedByte {
  /// What follows the backslash: `n`, `"`, `u001f`.
  static func letters(for byte: UInt8) -> String {
    switch byte {
    case 0x08: "b"
    case 0x09: "t"
    case 0x0A: "n"
    case 0x0C: "f"
    case 0x0D: "r"
    case UInt8(ascii: "\""): "\""
    case UInt8(ascii: "\\"): "\\"
    default:
      "u00" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
  }
}
