internal import CohortModel

extension WriteRequest {
  /// The answer to a request whose idempotency key was used for it before.
  ///
  /// It is made from the words and numbers that the log kept of the first answer. Personal texts,
  /// results and secrets were not kept: they are null.
  func reply(
    replaying receipt: Receipt, from position: Position, _ context: ReplyContext
  ) -> Reply {
    let words = receipt.answer.description.split(separator: " ")
    let numbers = words.dropFirst().compactMap { UInt64($0) }
    return Reply(status: Int(receipt.status), isReplayed: true) { json in
      json.member("message", "success")
      replay(words.first.map(String.init) ?? "done", numbers, context, &json)
      json.member("position", position)
    }
  }

  private func replay(
    _ word: String, _ numbers: [UInt64], _ context: ReplyContext, _ json: inout JSONWriter
  ) {
    func number(_ index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }
    func name(_ noun: String, _ index: Int) -> String { "\(noun):\(number(index))" }
    switch word {
    case "changed":
      json.key("outcomes")
      json.object {
        for (index, outcome) in Outcome.allCases.enumerated() {
          $0.member(outcome.name, number(index))
        }
      }
    case "items": replayItems(number(0), &json)
    case "imported":
      json.member("created", number(0))
      json.member("completed", number(1))
      json.member("unchanged", number(2))
      json.member("refused", .null)
    case "deleted":
      json.member("deleted", number(0))
      json.member("users", .null)
    case "key":
      json.member("key_id", name(Key.noun, 0))
      json.member("secret", .null)
    case "partner":
      if case .enablePartner(let new) = action { json.member("partner", utf8: new.code.bytes) }
      json.member("key_id", number(1) == 0 ? .null : .string(name(Key.noun, 1)))
      json.member("partner_api_key", .null)
    case "segment":
      json.member("segment_id", name(Segment.noun, 0))
      json.member("version", number(1))
    case "campaign":
      let kind = CampaignKind(rawValue: UInt8(truncatingIfNeeded: number(0))) ?? .campaign
      json.member(kind.idKey, name(kind.name, 1))
      json.member("version", number(2))
    case "send":
      json.member("send_id", name(Send.noun, 0))
      json.frozen(context.frozen)
    case "archived": json.member("dependants", .null)
    default: break
    }
  }

  /// Which items stood is not known, unless all did.
  private func replayItems(_ processed: UInt64, _ json: inout JSONWriter) {
    guard kind == .renameExternalIDs || kind == .removeExternalIDs else {
      json.member(processedKey, processed)
      return
    }
    let key = kind == .renameExternalIDs ? "external_ids" : "removed_ids"
    let errors = kind == .renameExternalIDs ? "rename_errors" : "removal_errors"
    if processed == UInt64(externalIDs.count), layout.faults.isEmpty {
      json.member(key, externalIDs)
      json.member(errors, [])
    } else {
      json.member(key, .null)
      json.member(errors, .null)
    }
  }
}
