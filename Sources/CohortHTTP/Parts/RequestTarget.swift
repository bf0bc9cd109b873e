/// The second word of a request line (RFC 9112 §3.2).
///
/// ```
/// /path?query                 origin-form
/// http://host:1/path?query    absolute-form: its host takes the place of the Host field
/// *                           only of OPTIONS
/// host:1                      only of CONNECT, which is refused before
/// ```
/// Percent signs and dots stay as they are: what they mean is decided once, above. Characters that
/// a URI should encode but that end nothing (`"`, `<`, `|`, …) are let through as browsers do send
/// them; `#` is not, nor anything beyond ASCII.
enum RequestTarget {
  typealias Parts = (path: [UInt8], query: [UInt8]?, authority: [UInt8]?)

  static func read(
    _ target: Span<UInt8>, of method: RequestMethod
  ) throws(HTTPFault) -> Parts {
    for index in target.indices {
      let byte = target[index]
      guard byte > 0x20, byte < 0x7F, byte != 0x23 else { throw .target }
    }
    if target[0] == Byte.slash {
      let parts = split(target)
      return (parts.path, parts.query, nil)
    }
    if target.count == 1, target[0] == Byte.star {
      guard method == .options else { throw .target }
      return ([Byte.star], nil, nil)
    }
    return try absolute(target, of: method)
  }

  private static func absolute(
    _ target: Span<UInt8>, of method: RequestMethod
  ) throws(HTTPFault) -> Parts {
    let start: Int
    if target.count > 7, target.extracting(..<7).matches("http://") {
      start = 7
    } else if target.count > 8, target.extracting(..<8).matches("https://") {
      start = 8
    } else {
      throw .target
    }
    var end = start
    while end < target.count, target[end] != Byte.slash, target[end] != Byte.question { end += 1 }
    let authority = target.extracting(start..<end)
    guard !authority.isEmpty, isAuthority(authority) else { throw .target }
    let parts = split(target.extracting(end...))
    // RFC 9112 §3.2.4: OPTIONS without any path means the server as a whole.
    let isWhole = end == target.count && method == .options
    return (isWhole ? [Byte.star] : parts.path, parts.query, authority.array())
  }

  private static func split(_ target: Span<UInt8>) -> (path: [UInt8], query: [UInt8]?) {
    let mark = target.firstIndex(of: Byte.question)
    let path = target.extracting(..<(mark ?? target.count))
    return (
      path.isEmpty ? [Byte.slash] : path.array(),
      mark.map { target.extracting(($0 + 1)...).array() }
    )
  }

  /// `host`, `host:port`, `[address]:port`, or nothing; without a user's name.
  static func isAuthority(_ value: Span<UInt8>) -> Bool {
    var index = 0
    if value.count > 0, value[0] == 0x5B {
      guard let close = value.firstIndex(of: 0x5D), close > 1 else { return false }
      for place in 1..<close {
        let byte = value[place]
        guard Byte.hexValue(byte) != nil || byte == Byte.colon || byte == 0x2E || byte == 0x76
        else { return false }
      }
      index = close + 1
    } else {
      while index < value.count, value[index] != Byte.colon {
        guard isHostCharacter(value[index]) else { return false }
        index += 1
      }
    }
    guard index < value.count else { return true }
    guard value[index] == Byte.colon, value.count - index <= 6 else { return false }
    index += 1
    while index < value.count {
      guard Byte.isDigit(value[index]) else { return false }
      index += 1
    }
    return true
  }

  /// RFC 3986: unreserved, percent signs and sub-delimiters, the comma excepted: it makes lists.
  private static func isHostCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    case 0x25, 0x21, 0x24, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x3B, 0x3D: true
    default: false
    }
  }
}
