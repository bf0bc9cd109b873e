/// An IP address, as 128 bits; IPv4 lies in ::ffff:0:0/96 (RFC 4291, section 2.5.5.2).
public struct NetworkAddress: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public init(ipv4: UInt32) { self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(ipv4)) }

  public var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
}

/// A block of addresses in CIDR notation (RFC 4632).
public struct Network: Hashable, Sendable {
  public let address: NetworkAddress
  /// 0 to 128, counted in the 128-bit form: an IPv4 `/8` is 104 here.
  public let prefix: UInt8

  /// - Returns: `nil` for a prefix over 128, or an address with bits set behind the prefix.
  public init?(address: NetworkAddress, prefix: UInt8) {
    guard prefix <= 128 else { return nil }
    self.address = address
    self.prefix = prefix
    guard masked(address) == address else { return nil }
  }

  public func contains(_ other: NetworkAddress) -> Bool { masked(other) == address }

  /// Whether every address of another block is one of this.
  public func contains(_ other: Network) -> Bool {
    prefix <= other.prefix && contains(other.address)
  }

  private func masked(_ other: NetworkAddress) -> NetworkAddress {
    let high = prefix >= 64 ? other.high : other.high & ~(UInt64.max >> UInt64(prefix))
    let bits = prefix <= 64 ? 0 : UInt64(prefix) - 64
    let low = bits == 64 ? other.low : other.low & ~(UInt64.max >> bits)
    return NetworkAddress(high: high, low: low)
  }
}

extension NetworkAddress: LosslessStringConvertible {
  /// Reads `10.0.0.1` or `2001:db8::1`, also `::ffff:10.0.0.1`.
  public init?(_ text: String) {
    if let ipv4 = Self.ipv4(text[...]) {
      self.init(ipv4: ipv4)
    } else if let groups = Self.ipv6(text) {
      self.init(
        high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
        low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    } else {
      return nil
    }
  }

  private static func ipv4(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var address: UInt32 = 0
    for part in parts {
      guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (48...57).contains($0) }),
        part.utf8.count == 1 || part.utf8.first != 48, let byte = UInt8(part)
      else { return nil }
      address = address << 8 | UInt32(byte)
    }
    return address
  }

  private static func ipv6(_ text: String) -> [UInt16]? {
    guard text.utf8.count <= 45 else { return nil }
    guard let gap = firstGap(in: text) else {
      let groups = groups(text[...])
      return groups?.count == 8 ? groups : nil
    }
    let tail = text[gap.upperBound...]
    guard !tail.hasPrefix(":") else { return nil }
    guard let head = groups(text[..<gap.lowerBound]), let rest = groups(tail) else { return nil }
    guard head.count + rest.count <= 7 else { return nil }
    return head + [UInt16](repeating: 0, count: 8 - head.count - rest.count) + rest
  }

  private static func firstGap(in text: String) -> Range<String.Index>? {
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(after: index)
      if text[index] == ":", next < text.endIndex, text[next] == ":" {
        return index..<text.index(after: next)
      }
      index = next
    }
    return nil
  }

  private static func groups(_ text: Substring) -> [UInt16]? {
    if text.isEmpty { return [] }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    var groups: [UInt16] = []
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, let ipv4 = ipv4(part) {
        groups += [UInt16(truncatingIfNeeded: ipv4 >> 16), UInt16(truncatingIfNeeded: ipv4)]
      } else {
        guard (1...4).contains(part.utf8.count), part.first != "+", part.first != "-",
          let group = UInt16(part, radix: 16)
        else { return nil }
        groups.append(group)
      }
    }
    return groups
  }

  public var description: String {
    if isIPv4 {
      return (0..<4).reversed().map { String(UInt8(truncatingIfNeeded: low >> ($0 * 8))) }
        .joined(separator: ".")
    }
    let groups = (0..<8).map { index in
      UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64((3 - index % 4) * 16))
    }
    // RFC 5952: the first longest run of two or more zero groups is shortened.
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8, groups[end] == 0 { end += 1 }
      if end - start > max(best.count, 1) { best = start..<end }
      start = max(end, start + 1)
    }
    let text: (Range<Int>) -> String = { range in
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    return best.isEmpty ? text(0..<8) : "\(text(0..<best.lowerBound))::\(text(best.upperBound..<8))"
  }
}

extension Network: LosslessStringConvertible {
  /// Reads `10.0.0.0/8`; without a slash, one address.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.flatMap({ NetworkAddress(String($0)) }) else { return nil }
    let widthMax: UInt8 = address.isIPv4 && !text.contains(":") ? 32 : 128
    var width = widthMax
    if parts.count == 2 {
      guard (1...3).contains(parts[1].utf8.count),
        parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let given = UInt8(parts[1]),
        given <= widthMax
      else { return nil }
      width = given
    }
    self.init(address: address, prefix: 128 - widthMax + width)
  }

  public var description: String {
    let isIPv4 = address.isIPv4 && prefix >= 96
    return "\(address)/\(isIPv4 ? prefix - 96 : prefix)"
  }
}
