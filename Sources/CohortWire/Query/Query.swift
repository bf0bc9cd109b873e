package import CohortModel

/// What stands behind the `?` of a target, decoded once.
///
///     as_of=41&external_id=ana%2Bshop@example.com
///
/// Pairs stand between `&`, name and value around the first `=`. Escapes are those of RFC 3986 and
/// nothing else; a `+` is a space, as the libraries of most languages write one; what results must
/// be UTF-8. An empty pair is as good as none.
package struct Query: Hashable, Sendable {
  /// In the order in which they came; each name once.
  private let values: [(parameter: QueryParameter, text: Text)]

  /// Reads a query.
  ///
  /// - Parameters:
  ///   - raw: Without the `?`; `nil` if there is none.
  ///   - known: What the route takes.
  /// - Throws: ``WireError``, 400: a bad escape, a parameter that comes twice, or one that the
  ///   route does not take, with the nearest name.
  package init(_ raw: [UInt8]?, known: [QueryParameter]) throws(WireError) {
    var values: [(parameter: QueryParameter, text: Text)] = []
    for pair in (raw ?? []).split(separator: UInt8(ascii: "&")) {
      let cut = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      guard let name = Self.decoded(pair[..<cut]), let text = Self.decoded(pair[cut...].dropFirst())
      else { throw .badEscape }
      guard let parameter = known.first(where: { $0.rawValue.utf8.elementsEqual(name) }) else {
        throw .unknown("parameter", name, known: known.map(\.rawValue))
      }
      guard !values.contains(where: { $0.parameter == parameter }) else {
        throw WireError(400, "'\(parameter.rawValue)' is given twice. Give it once.")
      }
      values.append((parameter, Text(bytes: text)))
    }
    self.values = values
  }

  package init(_ raw: [UInt8]?, for route: RouteKind) throws(WireError) {
    try self.init(raw, known: route.parameters)
  }

  package subscript(parameter: QueryParameter) -> Text? {
    values.first { $0.parameter == parameter }?.text
  }

  package func has(_ parameter: QueryParameter) -> Bool { self[parameter] != nil }

  /// - Returns: `nil` for a percent sign without two hex digits, and for what is not UTF-8.
  private static func decoded(_ raw: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(raw.count)
    var rest = raw
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit
        else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return UTF8Checker.accepts(bytes.span) ? bytes : nil
  }

  package static func == (a: Query, b: Query) -> Bool {
    a.values.elementsEqual(b.values) { $0.parameter == $1.parameter && $0.text == $1.text }
  }

  package func hash(into hasher: inout Hasher) {
    for (parameter, text) in values {
      hasher.combine(parameter)
      hasher.combine(text)
    }
  }
}

extension Query {
  /// A number that two queries share if they ask for the same list.
  ///
  /// The order of the parameters says nothing, nor do `limit` and `next`. Not a secret, and no
  /// protection: FNV-1a, which anybody can collide, and whoever does is shown what he may see.
  ///
  /// - Parameter target: What else decides the answer, such as the path.
  /// - Returns: 64 bits.
  package func fingerprint(of target: [UInt8]) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ bytes: [UInt8]) {
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      // No text holds this byte, so two texts cannot pass for one.
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    mix(target)
    let asked = values.filter { $0.parameter != .limit && $0.parameter != .next }
    for (parameter, text) in asked.sorted(by: { $0.parameter.rawValue < $1.parameter.rawValue }) {
      mix(Array(parameter.rawValue.utf8))
      mix(text.bytes)
    }
    return hash
  }
}

extension WireError {
  static let badEscape = WireError(
    400, "The query has an escape that is none, or is not UTF-8. Send UTF-8, percent-encoded once.")

  /// The value of a parameter is not what it should be.
  package static func bad(_ parameter: QueryParameter) -> WireError {
    WireError(400, "'\(parameter.rawValue)' is not \(parameter.meaning). Send that there.")
  }

  /// A parameter that the question cannot do without.
  package static func lacking(_ parameter: QueryParameter) -> WireError {
    WireError(400, "'\(parameter.rawValue)' is missing. Send \(parameter.meaning).")
  }
}
