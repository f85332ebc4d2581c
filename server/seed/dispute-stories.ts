import type { DisputeReason, RootCause } from '#lib/domain/dispute/dispute.ts';
import type { Department } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';

/** Who speaks: the collector of the account, somebody of the department that is asked, the manager. */
export type Voice = 'collector' | 'department' | 'manager';

/** What a customer contests, what is said about it, and what is found. */
export interface Story {
  reason: DisputeReason;
  department: Department;
  /** What the customer says. */
  detail: string;
  /** What the department is asked. */
  ask: string;
  cause: RootCause;
  decision: 'accepted' | 'refused';
  /** What the department answers. */
  finding: string;
  /** How much of the invoice is contested, in hundredths. */
  share: number;
  says: readonly { audience: Audience; voice: Voice; text: string }[];
  /** What the customer is told when a part is rejected. */
  refusal: string;
}

/** Of our own making: no such customer, invoice or pallet ever was. */
export const STORIES: readonly Story[] = [
  {
    reason: 'missing_delivery',
    department: 'logistics',
    detail: 'Palette 2 sur 3 non livrée, réserve portée sur le bon de livraison.',
    ask: 'Le client dit n’avoir reçu que deux palettes : preuve de livraison ou accord pour l’avoir ?',
    cause: 'carrier',
    decision: 'accepted',
    finding: 'Le transporteur confirme la perte de la palette à quai. Avoir à établir.',
    share: 34,
    says: [
      {
        audience: 'internal',
        voice: 'collector',
        text: 'Le client paie le reste à l’échéance, il n’attend que la palette 2.',
      },
      {
        audience: 'internal',
        voice: 'department',
        text: 'Émargement demandé au transporteur, réponse attendue demain.',
      },
      {
        audience: 'customer',
        voice: 'collector',
        text: 'Bonjour, nous vérifions la livraison avec le transporteur et revenons vers vous sous cinq jours.',
      },
      {
        audience: 'credit',
        voice: 'collector',
        text: 'Troisième réserve en six mois chez ce client : à garder en tête pour son encours.',
      },
    ],
    refusal: 'Bonjour, l’émargement du 12 porte bien trois palettes sans réserve ; la facture reste due en totalité.',
  },
  {
    reason: 'quantity',
    department: 'logistics',
    detail: 'Deux cartons manquants sur douze à la réception.',
    ask: 'Écart de deux cartons : la préparation est-elle en cause ?',
    cause: 'preparation',
    decision: 'accepted',
    finding: 'Erreur de préparation vue à l’inventaire : deux cartons restés en stock.',
    share: 17,
    says: [
      {
        audience: 'internal',
        voice: 'department',
        text: 'Les deux cartons sont toujours en allée 14. Réexpédition possible jeudi.',
      },
      { audience: 'internal', voice: 'collector', text: 'Le client préfère un avoir, il a déjà racheté ailleurs.' },
    ],
    refusal: 'Bonjour, la pesée au départ correspond à douze cartons ; nous maintenons notre facture.',
  },
  {
    reason: 'quality',
    department: 'quality',
    detail: 'Peinture écaillée sur un tiers des pièces, photos jointes par le client.',
    ask: 'Non-conformité à confirmer : accepter ou refuser, avec la cause.',
    cause: 'production',
    decision: 'accepted',
    finding: 'Cuisson trop courte sur le lot du 4. Le tiers contesté est repris.',
    share: 30,
    says: [
      {
        audience: 'internal',
        voice: 'department',
        text: 'Même défaut que sur le lot précédent. J’attends le relevé du four.',
      },
      {
        audience: 'customer',
        voice: 'collector',
        text: 'Bonjour, notre service qualité examine les photos reçues. Pouvez-vous garder les pièces à disposition ?',
      },
      { audience: 'internal', voice: 'collector', text: 'Le client garde les pièces jusqu’à la fin du mois.' },
    ],
    refusal: 'Bonjour, l’expertise montre un stockage à l’extérieur ; la réclamation ne peut être retenue.',
  },
  {
    reason: 'returned_goods',
    department: 'quality',
    detail: 'Retour annoncé de six unités, mauvais modèle reçu.',
    ask: 'Six unités retournées : conformes à la commande ou non ?',
    cause: 'order_entry',
    decision: 'accepted',
    finding: 'Référence mal saisie à la commande, retour reçu et contrôlé.',
    share: 55,
    says: [
      { audience: 'internal', voice: 'department', text: 'Retour arrivé ce matin, emballages intacts.' },
      { audience: 'internal', voice: 'collector', text: 'Je préviens le client que l’avoir suivra le contrôle.' },
    ],
    refusal: 'Bonjour, les unités retournées sont celles de votre commande signée ; elles vous sont réexpédiées.',
  },
  {
    reason: 'price',
    department: 'sales',
    detail: 'Prix facturé supérieur au tarif convenu en mars.',
    ask: 'Quel tarif a été convenu avec ce client ?',
    cause: 'price_list',
    decision: 'accepted',
    finding: 'Le tarif de mars n’était pas chargé. Écart à rendre au client.',
    share: 12,
    says: [
      { audience: 'internal', voice: 'department', text: 'L’accord est bien de mars, je retrouve le courriel.' },
      {
        audience: 'credit',
        voice: 'collector',
        text: 'Client habitué à contester en fin de mois : ne pas relâcher le reste.',
      },
    ],
    refusal: 'Bonjour, le tarif appliqué est celui de votre contrat-cadre ; nous maintenons le montant facturé.',
  },
  {
    reason: 'discount',
    department: 'sales',
    detail: 'Remise de volume de 5 % non déduite.',
    ask: 'La remise de volume est-elle due dès cette commande ?',
    cause: 'contract',
    decision: 'refused',
    finding: 'Le palier n’est atteint qu’à partir de la commande suivante.',
    share: 5,
    says: [{ audience: 'internal', voice: 'collector', text: 'Le client a réglé en déduisant 5 % de lui-même.' }],
    refusal:
      'Bonjour, la remise de volume s’applique une fois le palier atteint, soit à votre prochaine commande. Le solde reste dû.',
  },
  {
    reason: 'order_reference',
    department: 'adv',
    detail: 'Numéro de commande absent : facture bloquée au service achats.',
    ask: 'Renvoyer la facture avec la référence de commande.',
    cause: 'order_entry',
    decision: 'accepted',
    finding: 'Référence retrouvée, duplicata envoyé avec le numéro.',
    share: 100,
    says: [
      {
        audience: 'internal',
        voice: 'department',
        text: 'Commande passée par téléphone : je demande le numéro à l’acheteur.',
      },
      {
        audience: 'customer',
        voice: 'collector',
        text: 'Bonjour, pouvez-vous nous donner le numéro de commande à reporter sur la facture ?',
      },
    ],
    refusal: 'Bonjour, la référence figure en tête de la facture ; merci de la mettre en paiement.',
  },
  {
    reason: 'duplicate',
    department: 'adv',
    detail: 'Même livraison facturée deux fois.',
    ask: 'Double facturation ? Laquelle des deux pièces annuler ?',
    cause: 'invoicing',
    decision: 'accepted',
    finding: 'Doublon confirmé : la seconde facture est à annuler par un avoir.',
    share: 100,
    says: [
      { audience: 'internal', voice: 'department', text: 'Deux factures pour un seul bon de livraison, en effet.' },
    ],
    refusal: 'Bonjour, il s’agit de deux livraisons distinctes, bons joints ; les deux factures restent dues.',
  },
  {
    reason: 'vat',
    department: 'accounting',
    detail: 'TVA à 20 % alors que la prestation relève du taux réduit.',
    ask: 'Quel taux s’applique ? Facture rectificative à prévoir ?',
    cause: 'invoicing',
    decision: 'accepted',
    finding: 'Attestation du client reçue : taux réduit, facture rectificative à établir.',
    share: 9,
    says: [
      {
        audience: 'internal',
        voice: 'department',
        text: 'Il manque l’attestation de travaux pour appliquer le taux réduit.',
      },
      {
        audience: 'customer',
        voice: 'collector',
        text: 'Bonjour, merci de nous transmettre l’attestation qui justifie le taux réduit.',
      },
    ],
    refusal: 'Bonjour, sans attestation le taux normal s’applique ; la facture reste due.',
  },
  {
    reason: 'bank_details',
    department: 'accounting',
    detail: 'Le client a reçu un courriel annonçant un nouveau compte bancaire.',
    ask: 'Vérifier par contre-appel : nos coordonnées n’ont pas changé.',
    cause: 'customer_error',
    decision: 'refused',
    finding: 'Tentative de fraude : notre compte est inchangé, le client est prévenu par téléphone.',
    share: 100,
    says: [
      {
        audience: 'internal',
        voice: 'department',
        text: 'Contre-appel fait au numéro connu : le comptable confirme le courriel frauduleux.',
      },
      {
        audience: 'credit',
        voice: 'manager',
        text: 'Prévenir les autres comptes du secteur avant la fin de la semaine.',
      },
    ],
    refusal:
      'Bonjour, nos coordonnées bancaires n’ont pas changé. Merci de ne tenir compte que de celles de la facture.',
  },
  {
    reason: 'contract_ended',
    department: 'sales',
    detail: 'Le client dit avoir résilié l’abonnement en juin.',
    ask: 'A-t-on reçu la résiliation, et à quelle date ?',
    cause: 'contract',
    decision: 'refused',
    finding: 'Résiliation reçue en août : le troisième trimestre reste dû.',
    share: 60,
    says: [{ audience: 'internal', voice: 'department', text: 'Le courrier est daté d’août, préavis d’un mois.' }],
    refusal: 'Bonjour, votre résiliation nous est parvenue en août ; le trimestre commencé reste dû.',
  },
  {
    reason: 'wrong_addressee',
    department: 'adv',
    detail: 'Facture adressée au siège au lieu de l’établissement livré.',
    ask: 'Corriger le destinataire et renvoyer.',
    cause: 'master_data',
    decision: 'accepted',
    finding: 'Adresse corrigée dans la fiche du client, facture renvoyée.',
    share: 100,
    says: [{ audience: 'internal', voice: 'department', text: 'La fiche avait gardé l’ancien SIRET.' }],
    refusal:
      'Bonjour, l’adresse est celle de votre bon de commande ; merci de transmettre la facture à votre établissement.',
  },
  {
    reason: 'short_payment',
    department: 'credit',
    detail: 'Règlement incomplet, sans explication du client.',
    ask: 'Demander au client ce qu’il a déduit.',
    cause: 'none_found',
    decision: 'refused',
    finding: 'Le client ne justifie pas sa déduction.',
    share: 20,
    says: [
      {
        audience: 'credit',
        voice: 'collector',
        text: 'Deuxième déduction sans motif : proposer un échéancier plutôt qu’un avoir.',
      },
    ],
    refusal: 'Bonjour, faute de justification, le solde reste dû.',
  },
  {
    reason: 'total',
    department: 'accounting',
    detail: 'Frais de port comptés deux fois dans le total.',
    ask: 'Contrôler le calcul de la facture.',
    cause: 'invoicing',
    decision: 'accepted',
    finding: 'Port en double, à rendre au client.',
    share: 7,
    says: [
      {
        audience: 'internal',
        voice: 'department',
        text: 'Le port figure sur chaque livraison et encore au pied de la facture.',
      },
    ],
    refusal: 'Bonjour, le total est juste : deux livraisons, donc deux fois le port.',
  },
];
