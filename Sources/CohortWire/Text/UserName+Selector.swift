package import CohortModel

/// How a user is named on a command line and in a list.
///
///     external_id:customer-42
///     alias:LABEL:NAME          a colon or backslash of the label behind a backslash
///     device:ID
///     user:42
///
/// Behind its prefix everything is taken as it stands. Identifiers are bytes; whether they can
/// belong to anybody is not asked here.
extension UserName {
  private static let externalIDPrefix = "external_id:"
  private static let aliasPrefix = "alias:"
  private static let devicePrefix = "device:"
  private static let userPrefix = "user:"

  /// Whether `text` begins like a selector, right or wrong.
  package static func isSelector(_ text: [UInt8]) -> Bool {
    [externalIDPrefix, aliasPrefix, devicePrefix, userPrefix].contains {
      text.starts(with: $0.utf8)
    }
  }

  /// Reads a selector, or an external id if `text` does not begin like a selector.
  ///
  /// - Throws: ``SelectorError`` if it begins like a selector and does not go on like one, or if
  ///   it is empty.
  package init(selector text: [UInt8]) throws(SelectorError) {
    func rest(_ prefix: String) -> ArraySlice<UInt8>? {
      text.starts(with: prefix.utf8) ? text[prefix.utf8.count...] : nil
    }
    if let id = rest(Self.externalIDPrefix) {
      self = .externalID(Text(bytes: Array(id)))
    } else if let id = rest(Self.devicePrefix) {
      self = .device(Text(bytes: Array(id)))
    } else if let alias = rest(Self.aliasPrefix) {
      self = try Self.readAlias(alias)
    } else if rest(Self.userPrefix) != nil {
      guard let user = UserID(String(decoding: text, as: UTF8.self)) else {
        throw .notANumber(String(decoding: text, as: UTF8.self))
      }
      self = .number(user)
    } else {
      guard !text.isEmpty else { throw .empty }
      self = .externalID(Text(bytes: text))
    }
  }

  package init(selector text: String) throws(SelectorError) {
    try self.init(selector: Array(text.utf8))
  }

  private static func readAlias(
    _ text: ArraySlice<UInt8>
  ) throws(SelectorError) -> UserName {
    var label: [UInt8] = []
    var isEscaped = false
    for (at, byte) in zip(text.indices, text) {
      switch byte {
      case UInt8(ascii: "\\") where !isEscaped: isEscaped = true
      case UInt8(ascii: ":") where !isEscaped:
        return .alias(
          label: Text(bytes: label), name: Text(bytes: Array(text[(at + 1)...])))
      case UInt8(ascii: "\\"), UInt8(ascii: ":"):
        label.append(byte)
        isEscaped = false
      default:
        guard !isEscaped else { throw .badEscape("alias:" + String(decoding: text, as: UTF8.self)) }
        label.append(byte)
      }
    }
    throw .noAliasName("alias:" + String(decoding: text, as: UTF8.self))
  }

  /// The selector as lists print it, still to be escaped for the terminal (``TerminalText``).
  ///
  /// An external id stands without prefix, unless it is empty or looks
  /// like a selector itself.
  package var shortSelector: [UInt8] {
    if case .externalID(let id) = self, !id.bytes.isEmpty, !Self.isSelector(id.bytes) {
      return id.bytes
    }
    return selector
  }
}
