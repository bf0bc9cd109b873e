internal import CohortModel

// What stands in answers of every kind.

extension Schema {
  static let message = object(
    ["message": .string.example("Access Denied")],
    optional: [
      "offset": .count.described("The byte of the body that is wrong."),
      "nearest": .string.described("The nearest name that there is."),
      "permission": .named(.permission),
      "survivor": .count.described("Into whom the user was merged."),
      "version": .count.described("The current version."),
      "path": array(of: .string).described("Which segments include each other."),
      "archived": array(of: .string).described("Which of those named are archived."),
      "reason": .string.described("What is so, and what to do about it."),
      "bearers": .named(.bearers),
      "position": .position,
      "from": .position.described("From where on it exists."),
    ]
  ).described("Why a request failed. What a program may want to read stands beside the message.")

  static let asOf = object(
    ["position": .position, "time": .time],
    optional: [
      "cuts_request": .boolean.described("The position lies within a request, seen in part.")
    ]
  ).described("The moment that an answer shows.")

  static let outcome = choice(Outcome.allCases.map(\.name))
    .described("What an identifier of an import came to.")

  static let outcomes = object(of: .count, under: Outcome.allCases.map(\.name))
    .described("How many identifiers came to what; they add up to those sent.")

  static let partnerCode = pattern("^[a-z0-9_-]{1,64}$").example("hightouch")

  static let cohortID = text(1...1_024).described("At most 1,024 bytes, no U+0000.")
    .example("vip")

  static let permission = choice(Permission.allCases.map(\.name))

  static let digest = pattern("^[0-9a-f]{64}$").described("SHA-256.")

  static let keyID = pattern("^key:[0-9]+$").example("key:3")

  static let keyKind = choice(KeyKind.allCases.map(\.name))

  static let cohortName = object(["partner": .string, "cohort_id": .string])

  static let treeHead = object(["size": .count, "root": .named(.digest)])
    .described("The RFC 6962 tree over the events up to a position.")

  /// Of an answer to a write in items.
  static let itemErrors = array(
    of: object(["type": .string, "input_array": .string, "index": .count])
  ).described("Items that were not carried out; all others were.")

  /// When something happened, or null.
  static let happened = object(["position": .position, "time": .time]).orNull
}
