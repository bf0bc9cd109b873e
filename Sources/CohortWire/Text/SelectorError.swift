/// Why a text names nobody, or no cohort.
package enum SelectorError: Error, Hashable, Sendable {
  case empty
  case notANumber(String)
  case badEscape(String)
  case noAliasName(String)
  case notACohort(String)
}

extension SelectorError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty:
      "The selector is empty. Name a user as external_id:X, alias:LABEL:NAME, device:ID or user:N."
    case .notANumber(let text):
      "\(TerminalText.escaped(text)) is not a user number. "
        + "Write it as in user:42, or external_id:\(TerminalText.escaped(text)) for an external id."
    case .badEscape(let text):
      "\(TerminalText.escaped(text)) has a backslash in its label that escapes nothing. "
        + "Write \\: for a colon and \\\\ for a backslash in the label."
    case .noAliasName(let text):
      "\(TerminalText.escaped(text)) names an alias without a name. Write alias:LABEL:NAME."
    case .notACohort(let text):
      "\(TerminalText.escaped(text)) is not a cohort. "
        + "Write partner/cohort_id, such as hightouch/vip."
    }
  }
}
