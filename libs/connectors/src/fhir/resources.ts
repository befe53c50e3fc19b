/**
 * The FHIR R4 resources that a mapping may read, each with its elements and their types, so that a misspelt path is found
 * when the mapping is loaded and not when nothing ever comes of it. `*`: several types, or a structure not looked into.
 */
export interface ResourceShape {
  /** The element that says whom the resource is about; a Patient is about herself. */
  readonly about: 'self' | 'subject' | 'patient' | 'for';
  /** Whether the resource means nothing without its code, so that a mapping must list the codes that count. */
  readonly meaningIsInCode: boolean;
  readonly elements: ReadonlyMap<string, string>;
}

const EVERY_RESOURCE = 'id:string meta:Meta language:code extension:Extension identifier:Identifier';

export const RESOURCES: ReadonlyMap<string, ResourceShape> = new Map([
  resource(
    'Patient',
    'self',
    'active:boolean name:HumanName telecom:ContactPoint gender:code birthDate:date deceased:* address:Address maritalStatus:CodeableConcept multipleBirth:* contact:* communication:* generalPractitioner:Reference managingOrganization:Reference link:*',
  ),
  resource(
    'RelatedPerson',
    'patient',
    'active:boolean patient:Reference relationship:CodeableConcept name:HumanName telecom:ContactPoint gender:code birthDate:date address:Address period:Period communication:*',
  ),
  coded(
    'Condition',
    'subject',
    'clinicalStatus:CodeableConcept verificationStatus:CodeableConcept category:CodeableConcept severity:CodeableConcept code:CodeableConcept bodySite:CodeableConcept subject:Reference encounter:Reference onset:* abatement:* recordedDate:dateTime recorder:Reference asserter:Reference stage:* evidence:* note:Annotation',
  ),
  coded(
    'Observation',
    'subject',
    'status:code category:CodeableConcept code:CodeableConcept subject:Reference focus:Reference encounter:Reference effective:* issued:instant performer:Reference value:* dataAbsentReason:CodeableConcept interpretation:CodeableConcept note:Annotation bodySite:CodeableConcept method:CodeableConcept specimen:Reference component:*',
  ),
  coded(
    'Procedure',
    'subject',
    'status:code statusReason:CodeableConcept category:CodeableConcept code:CodeableConcept subject:Reference encounter:Reference performed:* recorder:Reference asserter:Reference performer:* location:Reference reasonCode:CodeableConcept bodySite:CodeableConcept outcome:CodeableConcept complication:CodeableConcept followUp:CodeableConcept note:Annotation',
  ),
  coded(
    'MedicationAdministration',
    'subject',
    'status:code statusReason:CodeableConcept category:CodeableConcept medication:* subject:Reference context:Reference effective:* performer:* reasonCode:CodeableConcept note:Annotation dosage:*',
  ),
  coded(
    'Flag',
    'subject',
    'status:code category:CodeableConcept code:CodeableConcept subject:Reference period:Period encounter:Reference author:Reference',
  ),
  resource(
    'CarePlan',
    'subject',
    'status:code intent:code category:CodeableConcept title:string description:string subject:Reference encounter:Reference period:Period created:dateTime author:Reference careTeam:Reference addresses:Reference goal:Reference activity:* note:Annotation',
  ),
  resource(
    'RiskAssessment',
    'subject',
    'status:code method:CodeableConcept code:CodeableConcept subject:Reference encounter:Reference occurrence:* condition:Reference performer:Reference reasonCode:CodeableConcept basis:Reference prediction:* mitigation:string note:Annotation',
  ),
  resource(
    'ServiceRequest',
    'subject',
    'status:code intent:code category:CodeableConcept priority:code doNotPerform:boolean code:CodeableConcept subject:Reference encounter:Reference occurrence:* authoredOn:dateTime requester:Reference performer:Reference reasonCode:CodeableConcept note:Annotation patientInstruction:string',
  ),
  resource(
    'Task',
    'for',
    'status:code statusReason:CodeableConcept businessStatus:CodeableConcept intent:code priority:code code:CodeableConcept description:string focus:Reference for:Reference encounter:Reference executionPeriod:Period authoredOn:dateTime lastModified:dateTime requester:Reference owner:Reference reasonCode:CodeableConcept note:Annotation input:* output:*',
  ),
  resource(
    'Specimen',
    'subject',
    'accessionIdentifier:Identifier status:code type:CodeableConcept subject:Reference receivedTime:dateTime collection:* processing:* container:* note:Annotation',
  ),
  resource(
    'DocumentReference',
    'subject',
    'masterIdentifier:Identifier status:code docStatus:code type:CodeableConcept category:CodeableConcept subject:Reference date:instant author:Reference description:string securityLabel:CodeableConcept content:* context:*',
  ),
  resource(
    'Communication',
    'subject',
    'status:code statusReason:CodeableConcept category:CodeableConcept priority:code medium:CodeableConcept subject:Reference topic:CodeableConcept about:Reference encounter:Reference sent:dateTime received:dateTime recipient:Reference sender:Reference reasonCode:CodeableConcept payload:* note:Annotation',
  ),
]);

type Row = readonly [string, ResourceShape];

function resource(name: string, about: ResourceShape['about'], elements: string, meaningIsInCode = false): Row {
  const typed = `${EVERY_RESOURCE} ${elements}`.split(' ').map((element): [string, string] => {
    const [word = '', type = '*'] = element.split(':');
    return [word, type];
  });
  return [name, { about, meaningIsInCode, elements: new Map(typed) }];
}

function coded(name: string, about: ResourceShape['about'], elements: string): Row {
  return resource(name, about, elements, true);
}
