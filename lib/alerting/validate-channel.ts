import { Annotations } from 'cdktf';
import type { Construct } from 'constructs';
import { isKnown } from '../construct/known';
import { type Complaint, Complaints } from '../core/errors';
import { Duration } from '../core/duration';
import { EnvironmentStack } from '../environment/environment-stack';
import type { AlertChannelProps } from './alert-channel';
import { type AlertTarget, type HttpsTarget, hostOf, targetId } from './alert-target';
import { type EscalationStep, stepName } from './escalation';
import { SEVERITIES } from './severity';

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const TOPIC = /^arn:[^:]+:sns:([^:]+):\d{12}:[A-Za-z0-9_-]{1,256}$/;
const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const NAME_RULE = 'lower-case letters, digits and hyphens are allowed, at most 40, with a letter in front';
const AFTER = { min: Duration.minutes(1), max: Duration.days(7) };

/** @param shared - whether the stack has made it, because nobody gave one */
export function validateAlertChannel(channel: Construct, props: AlertChannelProps, shared: boolean): void {
  const complaints = new Complaints();
  const at = channel.node.path;
  const { region } = EnvironmentStack.of(channel).environment;
  const steps = props.escalation ?? [];
  for (const severity of SEVERITIES) targetComplaints(severity, props[severity] ?? [], region).forEach((complaint) => complaints.add({ at, ...complaint }));
  steps.forEach((step, i) => {
    [...stepComplaints(step, i, steps), ...targetComplaints(`escalation[${i}].targets`, step.targets, region)].forEach((complaint) => complaints.add({ at, ...complaint }));
  });
  complaints.throwIfAny();

  for (const severity of ['critical', 'warning'] as const) {
    if ((props[severity] ?? []).length > 0) continue;
    const target = `${severity}: [AlertTarget.email('on-call@example.com')]`;
    const way = shared ? `no channel is given. Give the databases of this stack one:   alerts: new AlertChannel(this, 'Alerts', { ${target} })` : `${severity} is empty. Give it, for instance ${target}.`;
    Annotations.of(channel).addWarning(`Nobody is told of what is ${severity}: ${way}`);
  }
  for (const target of [...SEVERITIES.flatMap((severity) => props[severity] ?? []), ...steps.flatMap(({ targets }) => targets)]) {
    const host = target.kind === 'https' ? hostOf(target.url) : undefined;
    if (target.kind === 'https' && host !== undefined && new URL(target.url).search !== '') {
      Annotations.of(channel).addWarning(`The address at ${host} has a query. Addresses stand in the Terraform state and in SNS in clear text: when a key is in it, whoever reads the state can use it.`);
    }
  }
}

function targetComplaints(where: string, targets: readonly AlertTarget[], region: string): Complaint[] {
  const ids = targets.map((target) => (target.kind === 'topic' ? undefined : targetId(target)));
  const twice = ids.filter((id, i) => id !== undefined && ids.indexOf(id) !== i);
  const found = targets.flatMap((target): Complaint[] => {
    if (target.kind === 'topic') return topicComplaints(where, target.arn, region);
    if (target.kind === 'https') return httpsComplaints(where, target);
    if (!isKnown(target.address)) return [unknown(where, 'A mailbox', 'Give its address as text.')];
    return EMAIL.test(target.address) ? [] : [{ code: 'alert-channel/email', problem: `${where}: ${JSON.stringify(target.address)} is not the address of a mailbox.`, fix: "AlertTarget.email('on-call@example.com')" }];
  });
  if (targets.length > 1 && targets.some(({ kind }) => kind === 'topic')) {
    found.push({ code: 'alert-channel/topic-with-others', problem: `${where} has a topic beside other targets. A topic takes the place of the one that would be made, and SNS does not hand on from topic to topic.`, fix: 'Give the topic alone, and subscribe the others to it.' });
  }
  for (const id of new Set(twice)) found.push({ code: 'alert-channel/target-twice', problem: `${where} reaches ${id?.replace(/^(email|https) /, '').replace(/ [0-9a-f]{8}$/, '')} twice.`, fix: 'Remove one; for two addresses of one name, choose another name.' });
  return found;
}

const unknown = (where: string, what: string, fix: string): Complaint => ({
  code: 'alert-channel/unknown-target', problem: `${where}: ${what} has an address that only Terraform knows, and subscriptions have addresses in the state that must be known at synthesis.`, fix,
});

/** What is given is not repeated: a URL may hold a secret. */
function httpsComplaints(where: string, target: HttpsTarget): Complaint[] {
  const named = target.name !== undefined;
  if (named && !NAME.test(target.name ?? '')) return [{ code: 'alert-channel/name', problem: `${where}: ${JSON.stringify(target.name)} cannot be the name of a target: ${NAME_RULE}.`, fix: 'Choose a name that stays: it is part of an address in the state.' }];
  if (!isKnown(target.url)) return named ? [] : [unknown(where, 'An endpoint', "Name it: AlertTarget.https(…, { name: 'pager' })")];
  const url = URL.canParse(target.url) ? new URL(target.url) : undefined;
  if (url?.protocol !== 'https:') return [{ code: 'alert-channel/https', problem: `${where}: ${url === undefined ? 'an endpoint' : `the endpoint at ${url.hostname}`} has no address that begins with https://.`, fix: "AlertTarget.https('https://alerts.example.com/sns')" }];
  if (url.username !== '' || url.password !== '') {
    return [{ code: 'alert-channel/url-credentials', problem: `${where}: the address of the endpoint at ${url.hostname} holds a user or a password. Addresses stand in the Terraform state and in SNS in clear text.`, fix: "Use an endpoint that needs none and checks SNS's signature." }];
  }
  return [];
}

function topicComplaints(where: string, arn: string, region: string): Complaint[] {
  if (!isKnown(arn)) return [];
  const of = TOPIC.exec(arn)?.[1];
  if (of === undefined) return [{ code: 'alert-channel/topic', problem: `${where}: ${JSON.stringify(arn)} is not the ARN of a standard topic of SNS.`, fix: `AlertTarget.topic('arn:aws:sns:${region}:<account>:<name>')` }];
  return of === region ? [] : [{ code: 'alert-channel/topic-region', problem: `${where}: the topic is in ${of}, and alarms of ${region} can tell topics of their own region only.`, fix: `Give a topic of ${region}.` }];
}

function stepComplaints(step: EscalationStep, i: number, steps: readonly EscalationStep[]): Complaint[] {
  const where = `escalation[${i}]`;
  const complaints: Complaint[] = [];
  const { after, name } = step;
  if (!Number.isInteger(after.toSeconds()) || after.isShorterThan(AFTER.min) || AFTER.max.isShorterThan(after)) {
    complaints.push({ code: 'alert-channel/escalation-after', problem: `${where}.after is ${after}; whole seconds are needed, ${AFTER.min} to ${AFTER.max}.`, fix: 'Alarms are evaluated every minute, and an alarm that nobody ended in a week is no emergency.' });
  }
  const previous = steps[i - 1];
  if (previous !== undefined && !previous.after.isShorterThan(after)) {
    complaints.push({ code: 'alert-channel/escalation-order', problem: `${where}.after is ${after}, which is not later than ${previous.after} of the step before.`, fix: 'after counts from when the alarm went off, for every step.' });
  }
  if (step.targets.length === 0) complaints.push({ code: 'alert-channel/escalation-nobody', problem: `${where} has no targets.`, fix: 'Name who is told, or remove the step.' });
  if (name !== undefined && !NAME.test(name)) {
    complaints.push({ code: 'alert-channel/name', problem: `${where}: ${JSON.stringify(name)} cannot be the name of a step: ${NAME_RULE}.`, fix: 'Choose a name that stays: it is part of an address in the state.' });
  } else if (steps.findIndex((other) => stepName(other) === stepName(step)) !== i) {
    complaints.push({ code: 'alert-channel/name', problem: `${where}: the name ${JSON.stringify(stepName(step))} is taken by a step before.`, fix: 'Choose another name.' });
  }
  return complaints;
}
