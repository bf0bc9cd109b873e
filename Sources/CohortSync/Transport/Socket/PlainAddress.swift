/// An address that begins with `http://`, taken apart.
struct PlainAddress: Hashable, Sendable {
  struct Host: Hashable, Sendable {
    /// Without brackets.
    let name: String
    let port: String

    /// By its name alone: `127.example` is anybody's.
    var isLoopback: Bool {
      name == "localhost" || name == "::1"
        || name.hasPrefix("127.") && name.utf8.allSatisfy { (0x2E...0x39).contains($0) }
    }
  }

  let host: Host
  /// As it stands in the field `Host`.
  let authority: String
  /// What is asked for, beginning with a slash.
  let target: String

  /// - Returns: `nil` if it is none, or holds what could end a line.
  init?(_ url: String) {
    let bytes = Array(url.utf8)
    let scheme = "http://".utf8
    guard bytes.count > scheme.count, bytes.allSatisfy({ (0x21...0x7E).contains($0) }),
      String(decoding: bytes[..<scheme.count], as: UTF8.self).lowercased() == "http://"
    else { return nil }
    let rest = bytes[scheme.count...]
    let end = rest.firstIndex { [0x2F, 0x3F, 0x23].contains($0) } ?? bytes.count
    let place = rest[..<end]
    guard !place.contains(UInt8(ascii: "@")), let host = Self.host(place) else { return nil }
    self.host = host
    authority = String(decoding: place, as: UTF8.self)
    let asked = bytes[end...].prefix { $0 != UInt8(ascii: "#") }
    let text = String(decoding: asked, as: UTF8.self)
    target = asked.first == UInt8(ascii: "/") ? text : "/" + text
  }

  /// Reads `host`, `host:8080` and `[::1]:8080`.
  private static func host(_ place: ArraySlice<UInt8>) -> Host? {
    var (name, port) = (place, place[place.endIndex...])
    if place.first == UInt8(ascii: "[") {
      guard let bracket = place.firstIndex(of: UInt8(ascii: "]")) else { return nil }
      name = place[(place.startIndex + 1)..<bracket]
      port = place[(bracket + 1)...]
      guard port.isEmpty || port.first == UInt8(ascii: ":") else { return nil }
    } else if let colon = place.lastIndex(of: UInt8(ascii: ":")) {
      name = place[..<colon]
      port = place[colon...]
    }
    let digits = String(decoding: port.dropFirst(), as: UTF8.self)
    guard !name.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = UInt16(digits.isEmpty ? "80" : digits)
    else { return nil }
    return Host(name: String(decoding: name, as: UTF8.self), port: String(number))
  }
}
