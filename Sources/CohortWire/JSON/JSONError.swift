/// Why a text is not JSON as the ledger reads it, and at which byte.
package struct JSONError: Error, Hashable, Sendable {
  package let reason: Reason
  /// The offset of the offending byte: 0 for the first, the length of the text if that ends early.
  package let offset: Int

  package init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  package enum Reason: Hashable, Sendable, CaseIterable {
    case byteOrderMark
    case endsEarly
    case notAValue
    case notAKey
    case noColon
    case noCommaOrBracket
    case noCommaOrBrace
    case textAfterEnd
    case invalidNumber
    case controlCharacter
    case invalidEscape
    case loneSurrogate
    case invalidUTF8
    case duplicateKey
    case tooDeep
    case tooLong
  }
}

extension JSONError: CustomStringConvertible {
  package var description: String {
    "Byte \(offset) of the JSON \(reason.finding). \(reason.advice)."
  }
}

extension JSONError.Reason {
  /// What is so, as the end of a sentence that begins with the place.
  package var finding: String {
    switch self {
    case .byteOrderMark: "is a byte order mark"
    case .endsEarly: "is missing: the text ends too early"
    case .notAValue: "does not begin a value"
    case .notAKey: "does not begin the key of an object"
    case .noColon: "should be a colon"
    case .noCommaOrBracket: "should be a comma or the end of the array"
    case .noCommaOrBrace: "should be a comma or the end of the object"
    case .textAfterEnd: "comes after the end of the value"
    case .invalidNumber: "does not fit into a number"
    case .controlCharacter: "is a control character inside a string"
    case .invalidEscape: "does not fit into an escape sequence"
    case .loneSurrogate: "escapes one half of a surrogate pair without the other"
    case .invalidUTF8: "is not valid UTF-8"
    case .duplicateKey: "begins a key that the object already has"
    case .tooDeep: "opens one array or object too many inside one another"
    case .tooLong: "lies beyond the longest text that is read"
    }
  }

  /// What to do about it.
  package var advice: String {
    switch self {
    case .byteOrderMark: "Send UTF-8 without a byte order mark"
    case .endsEarly: "Send the whole text"
    case .notAValue: "Send an object, array, string, number, true, false or null there"
    case .notAKey: "Put a key in double quotes there, and no comma after the last member"
    case .noColon: "Separate each key from its value by a colon"
    case .noCommaOrBracket: "Separate elements by commas and close the array with ]"
    case .noCommaOrBrace: "Separate members by commas and close the object with }"
    case .textAfterEnd: "Send one JSON value and nothing after it"
    case .invalidNumber: "Write numbers as in -12.5e3, without leading zeros or a plus sign"
    case .controlCharacter: "Escape it, as \\n or \\u000a"
    case .invalidEscape: "Use one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t, or \\u and four hex digits"
    case .loneSurrogate: "Escape both halves, the high one first, or send the character itself"
    case .invalidUTF8: "Encode the text as UTF-8"
    case .duplicateKey: "Send each key of an object once"
    case .tooDeep: "Nest at most 64 levels"
    case .tooLong: "Split the text"
    }
  }
}
