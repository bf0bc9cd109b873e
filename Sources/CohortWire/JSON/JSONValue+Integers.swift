extension JSONValue {
  /// The exact value of this number, `nil` if it is no integer or does not fit.
  ///
  /// It is the value that counts, not the spelling: `1e2`, `0.1e1` and `-0` are integers. Nothing
  /// is ever rounded. Takes a step for each byte of the number.
  package var integer: Int64? {
    guard let (isNegative, magnitude) = exactInteger else { return nil }
    if !isNegative { return Int64(exactly: magnitude) }
    return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }

  /// The exact value of this number, `nil` if it is no integer, negative or does not fit.
  package var unsignedInteger: UInt64? {
    guard let (isNegative, magnitude) = exactInteger else { return nil }
    return isNegative && magnitude > 0 ? nil : magnitude
  }

  /// The number as it was written.
  package var numberText: ArraySlice<UInt8>? {
    kind == .number ? bytes[entries[index].text] : nil
  }

  /// Reads the number as ± digits × 10^scale and multiplies out, if that is an integer.
  private var exactInteger: (isNegative: Bool, magnitude: UInt64)? {
    guard let text = numberText else { return nil }
    let isNegative = text.first == UInt8(ascii: "-")
    var magnitude: UInt64 = 0
    /// Zeros that count only if another digit follows; they would overflow in `1000…000e-999`.
    var zeros = 0
    var scale = 0
    var isFraction = false
    for (at, byte) in zip(text.indices, text) {
      switch byte {
      case UInt8(ascii: "-"): break
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        scale += Self.exponent(text[(at + 1)...])
        return Self.scaled(magnitude, by: zeros + scale).map { (isNegative, $0) }
      default:
        if isFraction { scale -= 1 }
        if byte == UInt8(ascii: "0") {
          if magnitude > 0 { zeros += 1 }
          continue
        }
        guard let high = Self.scaled(magnitude, by: zeros + 1) else { return nil }
        let (sum, overflow) = high.addingReportingOverflow(UInt64(byte - 0x30))
        if overflow { return nil }
        (magnitude, zeros) = (sum, 0)
      }
    }
    return Self.scaled(magnitude, by: zeros + scale).map { (isNegative, $0) }
  }

  /// `magnitude` × 10^`scale`, `nil` if that is a fraction or too large.
  ///
  /// The last digit of `magnitude` is not zero, so any negative scale leaves a fraction.
  private static func scaled(_ magnitude: UInt64, by scale: Int) -> UInt64? {
    if magnitude == 0 { return 0 }
    guard (0...19).contains(scale) else { return nil }
    var product = magnitude
    for _ in 0..<scale {
      let (next, overflow) = product.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// The exponent, held at ±2^40: no text is long enough to make up for more.
  private static func exponent(_ text: ArraySlice<UInt8>) -> Int {
    var value = 0
    for byte in text where byte >= UInt8(ascii: "0") {
      value = min(value * 10 + Int(byte - 0x30), 1 << 40)
    }
    return text.first == UInt8(ascii: "-") ? -value : value
  }
}
