"""An event of the ledger as a CloudEvent 1.0 (https://github.com/cloudevents/spec), JSON format.

    {"specversion":"1.0","id":"42@…","source":"urn:cohort-ledger:6a1d…","type":"cohort-ledger.membersChanged",
     "subject":"hightouch/vip","time":"…","datacontenttype":"application/json",
     "sequence":"00000000000000000042","data":{…the event as the feed shows it…}}

`id` is the checkpoint behind the event: after a restore of the ledger another event has the same
position, but never the same id. `sequence` (a documented extension) orders as text.
"""

BATCH = "application/cloudevents-batch+json"
SINGLE = "application/cloudevents+json"


def cloud_event(event, ledger):
    made = {
        "specversion": "1.0",
        "id": f"{event['position']}@{event['epoch']}",
        "source": f"urn:cohort-ledger:{ledger}",
        "type": f"cohort-ledger.{event['type']}",
        "time": event["time"],
        "datacontenttype": "application/json",
        "sequence": f"{event['position']:020}",
        "data": event,
    }
    subject = subject_of(event)
    if subject:
        made["subject"] = subject
    return made


def subject_of(event):
    """What it is about, by names that are not personal."""
    if "cohort_id" in event:
        return f"{event['partner']}/{event['cohort_id']}"
    if isinstance(event.get("user"), dict):
        return f"user:{event['user']['user']}"
    return event.get("segment_id") or event.get("campaign_id") or event.get("canvas_id")


def faults(made):
    """Why something is no CloudEvent 1.0 of this product, one sentence each."""
    if not isinstance(made, dict):
        return ["It is no object."]
    found = []
    for name in ("id", "source", "specversion", "type"):
        if not isinstance(made.get(name), str) or not made[name]:
            found.append(f"'{name}' is no text with something in it.")
    if made.get("specversion") != "1.0":
        found.append("'specversion' is not '1.0'.")
    for name in made:
        if name != "data_base64" and not (name.isascii() and name.isalnum() and name == name.lower()):
            found.append(f"'{name}' is no name of an attribute.")
    if "data" not in made:
        found.append("There is no 'data'.")
    return found
