import CohortFormat
import CohortLedger
import CohortLog
import CohortModel
import CohortWire
import Glibc
import TestSupport

/// An error in the gallery: what it is called, and what it says.
struct GalleryEntry {
  /// The case, with a note where one case has several messages: `held (by nobody known)`.
  let name: String
  let message: String

  init(_ name: String, _ error: some CustomStringConvertible) {
    self.name = name
    message = error.description
  }

  init(_ name: String, message: String) { (self.name, self.message) = (name, message) }
}

/// The errors of one type.
struct GalleryRoom {
  enum Manner { case sentences, fragment }

  let type: String
  /// Where its cases stand; `nil` where there are none to count.
  let file: String?
  /// Whether somebody reads the message as it is, or as a part of another.
  let manner: Manner
  let entries: [GalleryEntry]
}

func gallery() throws -> [GalleryRoom] {
  [
    refusals, itemRefusals, try ledgerErrors(), try keepingErrors(), replicaErrors, logErrors,
    fileHeaderFaults,
    frameFaults, eventFaults, diskErrors, caches, jsonErrors, csvErrors, httpFaults,
    try listenErrors(),
    syncFileErrors, cronErrors, secretErrors, sourceErrors, syncFailures,
    forwardFailures, otherWords,
  ]
}

private let position = Position(41)
private let time = Instant(microseconds: 1_767_268_800_000_000)
private let vip = CohortName(partner: "hightouch", cohortID: "vip")

private let refusals = GalleryRoom(
  type: "Refusal", file: "Sources/CohortModel/Commands/Refusal.swift", manner: .sentences,
  entries: [
    GalleryEntry("invalidPartnerKey", Refusal.invalidPartnerKey),
    GalleryEntry("invalidClientSecret", Refusal.invalidClientSecret),
    GalleryEntry("partnerNotEnabled", Refusal.partnerNotEnabled),
    GalleryEntry("unauthorizedNetwork", Refusal.unauthorizedNetwork),
    GalleryEntry("cohortArchived", Refusal.cohortArchived(vip)),
    GalleryEntry("invalidAPIKey", Refusal.invalidAPIKey),
    GalleryEntry("accessDenied", Refusal.accessDenied(.usersTrack)),
    GalleryEntry("idempotencyKeyReused", Refusal.idempotencyKeyReused),
    GalleryEntry("tooMany", Refusal.tooMany(limit: 1_000, what: .identifiers)),
    GalleryEntry("noValidItem", Refusal.noValidItem),
    GalleryEntry("unknownPartner", Refusal.unknownPartner("hightuch")),
    GalleryEntry("invalidPartnerCode", Refusal.invalidPartnerCode("High Touch")),
    GalleryEntry("unknownKey", Refusal.unknownKey(KeyID(9))),
    GalleryEntry("keyNeedsPartner (REST)", Refusal.keyNeedsPartner(.rest)),
    GalleryEntry("keyNeedsPartner (data import)", Refusal.keyNeedsPartner(.dataImport)),
    GalleryEntry("cannotGrant", Refusal.cannotGrant(.keysManage)),
    GalleryEntry(
      "cannotOutlive", Refusal.cannotOutlive(Instant(microseconds: 1_800_000_000_000_000))),
    GalleryEntry(
      "alreadyExpired", Refusal.alreadyExpired(Instant(microseconds: 1_700_000_000_000_000))),
    GalleryEntry("cannotAdmit", Refusal.cannotAdmit(["10.0.0.0/8"].compactMap { Network($0) })),
    GalleryEntry("keyDigestTaken", Refusal.keyDigestTaken),
    GalleryEntry("unknownCohort", Refusal.unknownCohort(vip, nearest: nil)),
    GalleryEntry(
      "unknownCohort (with a near one)",
      Refusal.unknownCohort(CohortName(partner: "hightouch", cohortID: "vpi"), nearest: vip)),
    GalleryEntry("unknownSegment", Refusal.unknownSegment("segment:7", nearest: "segment:1")),
    GalleryEntry(
      "unknownCampaign", Refusal.unknownCampaign(CampaignReference(kind: .canvas, number: 3))),
    GalleryEntry("invalidName", Refusal.invalidName("name")),
    GalleryEntry("emptyFilter", Refusal.emptyFilter),
    GalleryEntry("filterTooDeep", Refusal.filterTooDeep),
    GalleryEntry("filterCycle", Refusal.filterCycle([SegmentID(1), SegmentID(2), SegmentID(1)])),
    GalleryEntry("versionConflict", Refusal.versionConflict(expected: 2, current: 3)),
    GalleryEntry(
      "archivedInAudience",
      Refusal.archivedInAudience(
        campaign: CampaignReference(kind: .campaign, number: 1), segments: [SegmentID(4)])),
    GalleryEntry("needsFilter", Refusal.needsFilter),
    GalleryEntry("needsAudience", Refusal.needsAudience),
    GalleryEntry("unknownUser", Refusal.unknownUser(.externalID("nobody"))),
    GalleryEntry("mergedAway", Refusal.mergedAway(into: UserID(17))),
    GalleryEntry("laterThanNow", Refusal.laterThanNow),
    GalleryEntry("unknownErasure", Refusal.unknownErasure(position)),
  ])

private let itemRefusals = GalleryRoom(
  type: "ItemRefusal", file: "Sources/CohortModel/Commands/Refusal.swift", manner: .fragment,
  entries: [
    GalleryEntry("identifierRequired", ItemRefusal.identifierRequired),
    GalleryEntry("identifierNotSupported", ItemRefusal.identifierNotSupported),
    GalleryEntry("twoIdentifiers", ItemRefusal.twoIdentifiers),
    GalleryEntry("invalidIdentifier", ItemRefusal.invalidIdentifier),
    GalleryEntry("unknownUser", ItemRefusal.unknownUser),
    GalleryEntry("unknownAlias", ItemRefusal.unknownAlias),
    GalleryEntry("unknownExternalID", ItemRefusal.unknownExternalID),
    GalleryEntry("labelTaken", ItemRefusal.labelTaken("email")),
    GalleryEntry("aliasTaken", ItemRefusal.aliasTaken),
    GalleryEntry("deviceTaken", ItemRefusal.deviceTaken),
    GalleryEntry("externalIDTaken", ItemRefusal.externalIDTaken),
    GalleryEntry("takenByMerged", ItemRefusal.takenByMerged(survivor: UserID(17))),
    GalleryEntry("mergedAway", ItemRefusal.mergedAway(survivor: UserID(17))),
    GalleryEntry("alreadyIdentified", ItemRefusal.alreadyIdentified),
    GalleryEntry("severalUsers", ItemRefusal.severalUsers([UserID(1), UserID(2)])),
    GalleryEntry("survivorNotIdentified", ItemRefusal.survivorNotIdentified),
    GalleryEntry("notPrimary", ItemRefusal.notPrimary),
    GalleryEntry("notDeprecated", ItemRefusal.notDeprecated),
  ])

private func ledgerErrors() throws -> GalleryRoom {
  let log = LogFailure(.damaged(someDamage))
  return GalleryRoom(
    type: "LedgerError", file: "Sources/CohortLedger/LedgerError.swift", manner: .sentences,
    entries: [
      GalleryEntry("refused", LedgerError.refused(.cohortArchived(vip), at: position)),
      GalleryEntry("overloaded", LedgerError.overloaded(retryAfter: 1)),
      GalleryEntry("diskFull", LedgerError.diskFull),
      GalleryEntry("notWritten", LedgerError.notWritten),
      GalleryEntry("outcomeUnknown", LedgerError.outcomeUnknown),
      GalleryEntry("writesStopped", LedgerError.writesStopped("a sync failed.")),
      GalleryEntry("clockAhead", LedgerError.clockAhead(seconds: 7_200)),
      GalleryEntry("readOnly", LedgerError.readOnly("it was opened so.")),
      GalleryEntry("shuttingDown", LedgerError.shuttingDown),
      GalleryEntry("notClosed", LedgerError.notClosed(milliseconds: 30_000)),
      GalleryEntry("tooLarge", LedgerError.tooLarge(bytes: 20_000_000)),
      GalleryEntry("beyondEnd", LedgerError.beyondEnd(Position(99), end: position)),
      GalleryEntry(
        "laterThanNow",
        LedgerError.laterThanNow(Instant(microseconds: time.microseconds + 1), now: time)),
      GalleryEntry("unreadable", LedgerError.unreadable(log)),
      GalleryEntry("noThread", LedgerError.noThread(errno: 11)),
      GalleryEntry("storage", LedgerError.storage(LogFailure(.noLedger(folder: "shop")))),
    ])
}

private func keepingErrors() throws -> GalleryRoom {
  let finding = try someFinding()
  return GalleryRoom(
    type: "KeepingError", file: "Sources/CohortLedger/Keeping/KeepingError.swift",
    manner: .sentences,
    entries: [
      GalleryEntry("targetNotEmpty", KeepingError.targetNotEmpty("backup")),
      GalleryEntry("targetInside", KeepingError.targetInside("Storage/ledger/backup")),
      GalleryEntry("sourceDamaged", KeepingError.sourceDamaged(finding)),
      GalleryEntry("beyondEnd", KeepingError.beyondEnd(Position(99), end: position)),
      GalleryEntry("beforeBeginning", KeepingError.beforeBeginning(time)),
      GalleryEntry("backupCutShort", KeepingError.backupCutShort(end: 4_096, noted: 8_352)),
      GalleryEntry("lossNotAccepted", KeepingError.lossNotAccepted(cut: position)),
      GalleryEntry("otherLedger", KeepingError.otherLedger("backup")),
      GalleryEntry("doesNotFit", KeepingError.doesNotFit(finding)),
      GalleryEntry(
        "unheard",
        KeepingError.unheard(
          SourceFailure.unheard("connection refused", retryAfter: nil).description)),
      GalleryEntry("failed", KeepingError.failed(.diskFull)),
    ])
}

/// What a check finds in a log with a bit that has turned.
private func someFinding() throws -> Finding {
  let damaged = try GoldenFiles.all().first { $0.description == "1/damaged-middle" }
  let disk = SimulatedDisk()
  try disk.makeDirectory("/ledger")
  try disk.place(damaged?.log ?? [], at: "/ledger/events.log")
  guard let finding = try Ledger.verify("/ledger", on: disk).findings.first else {
    throw GalleryError.nothingFound
  }
  return finding
}

enum GalleryError: Error { case nothingFound }

private let someDamage = Damage(
  offset: 8_192, after: position, timeAfter: time, next: nil, fault: .notAFrame(at: 8_192))

private let logErrors = GalleryRoom(
  type: "LogError", file: "Sources/CohortLog/Log/LogError.swift", manner: .sentences,
  entries: [
    GalleryEntry("noLedger", LogError.noLedger(folder: "shop")),
    GalleryEntry("empty", LogError.empty(path: "shop/events.log")),
    GalleryEntry("header", LogError.header(.notALog, path: "shop/events.log")),
    GalleryEntry("held", LogError.held(folder: "shop", by: 1234)),
    GalleryEntry("held (by nobody known)", LogError.held(folder: "shop", by: nil)),
    GalleryEntry("replica", LogError.replica(folder: "shop", leader: "https://ledger.example")),
    GalleryEntry("replicaNote", LogError.replicaNote(path: "shop/replica")),
    GalleryEntry("disk", LogError.disk(diskError(.open, EACCES))),
    GalleryEntry("damaged", LogError.damaged(someDamage)),
    GalleryEntry(
      "lost",
      LogError.lost(
        Loss(
          end: position,
          seen: LogAnchor(
            offset: 8_192, epoch: Epoch(Array(repeating: 7, count: 16).span, at: 0), size: 99,
            root: .zero)))),
    GalleryEntry("event", LogError.event(.unknownKind(200, at: position))),
    GalleryEntry("impossible", LogError.impossible("user:9 does not exist", at: position)),
    GalleryEntry("otherTree", LogError.otherTree(position)),
    GalleryEntry("beyondEnd", LogError.beyondEnd(Position(99), end: position)),
    GalleryEntry("noSuchText", LogError.noSuchText(TextName(position: position, item: 2))),
    GalleryEntry("diskFull", LogError.diskFull(path: "shop/events.log")),
    GalleryEntry("notWritten", LogError.notWritten(diskError(.write, EIO))),
    GalleryEntry("outcomeUnknown", LogError.outcomeUnknown(diskError(.sync, EIO))),
    GalleryEntry("stopped", LogError.stopped),
    GalleryEntry("replaced", LogError.replaced(path: "shop/events.log")),
    GalleryEntry("readOnly", LogError.readOnly(path: "shop/events.log")),
  ])

func diskError(_ call: DiskError.Call, _ errno: Int32) -> DiskError {
  DiskError(call, errno: errno, path: "shop/events.log")
}
