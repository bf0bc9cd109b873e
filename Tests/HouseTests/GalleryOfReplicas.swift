import CohortFormat
import CohortLedger
import CohortLog
import CohortModel

private let position = Position(41)
private let leader = "https://ledger.example"

private func someLedger(_ byte: UInt8) -> LedgerID {
  LedgerID([UInt8](repeating: byte, count: 16).span, at: 0)
}

let replicaErrors = GalleryRoom(
  type: "ReplicaError", file: "Sources/CohortLedger/Replica/ReplicaError.swift",
  manner: .sentences,
  entries: [
    GalleryEntry(
      "source (unheard)",
      ReplicaError.source(.unheard("connection refused", retryAfter: nil))),
    GalleryEntry(
      "source (refused)",
      ReplicaError.source(
        .refused("\(leader) names no ledger. Check the address."))),
    GalleryEntry("outOfDate", ReplicaError.outOfDate(position, known: Position(99))),
    GalleryEntry(
      "otherLedger", ReplicaError.otherLedger(leader, is: someLedger(1), not: someLedger(2))),
    GalleryEntry("otherHistory", ReplicaError.otherHistory(leader, first: position)),
    GalleryEntry("setBack", ReplicaError.setBack(leader, end: position, known: Position(99))),
    GalleryEntry("notReplica", ReplicaError.notReplica(folder: "shop")),
    GalleryEntry("nothingPulled", ReplicaError.nothingPulled(folder: "shop")),
    GalleryEntry("promoted", ReplicaError.promoted(folder: "shop")),
    GalleryEntry(
      "lossNotAccepted",
      ReplicaError.lossNotAccepted(folder: "shop", leader: leader, events: 58, end: position)),
    GalleryEntry(
      "lossNotAccepted (of one event)",
      ReplicaError.lossNotAccepted(folder: "shop", leader: leader, events: 1, end: position)),
    GalleryEntry("log", ReplicaError.log(.diskFull(path: "shop/events.log"))),
  ]
    + ([
      ("frame", .frame(.notAFrame(at: 8_192))),
      ("event", .event(.unknownKind(200, at: position))), ("zeros", .zeros(at: 8_192)),
      ("root", .root(at: 8_192)), ("text", .text(TextName(position: position, item: 2))),
      ("otherTree", .otherTree(TreeHead(size: 99, root: .zero))),
      ("missing", .missing(at: 8_192)),
    ] as [(String, CopyFault)]).flatMap { name, fault in
      [
        GalleryEntry("unfit (\(name))", ReplicaError.unfit(fault, at: 8_192)),
        GalleryEntry(
          "unusable (\(name))", ReplicaError.unusable(fault, at: 8_192, after: position)),
      ]
    })
